import { randomId } from '../core/codes.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent } from '../core/events.js';
import type { Factor, Input, Verdict } from '../core/factor.js';
import type { Committed, Count, Write } from '../core/store.js';
import type { Enrolment, Grant, Subject } from '../core/words.js';
import {
  type Asking,
  challengeOf,
  contextOf,
  enrolmentOf,
  pendingOf,
  subjectOfVisitor,
  visitorHolds,
} from './account.js';
import { mayChallenge } from './allowed-factors.js';
import { kindOfEnrolment } from './challenge-ids.js';
import type { FlowDeps } from './deps.js';
import { findChallengeId } from './find-challenge.js';
import { judgeAnswer, type Material } from './judge-answer.js';
import { lastUsed } from './last-used.js';
import { attemptsLeft, lockNews, type ReservedTry, reserveTry, takeBack } from './reserve-try.js';
import { say, sayNow } from './say.js';
import { firstFactorGrant, type Ticket } from './ticket.js';

export interface AnswerRequest {
  /** An enrolment's id; or a kind, for factors that send nothing: any of the user's enrolments of that kind may have made the code. */
  readonly factorId: string;
  /** For factors that send; without it the newest challenge of that factor. */
  readonly challengeId?: string;
  readonly input: Input;
}

export type Verified = { readonly ok: true; readonly ticket: Ticket } | Refusal;

/**
 * Checks an answer and, when it is right, consumes everything it used up in one commit. Counted before compared: a try that is not admitted is not looked at.
 * What comes back on success is a ticket; nobody is signed in until the session has spent it.
 */
export async function verifyChallenge(deps: FlowDeps, asking: Asking, request: AnswerRequest): Promise<Verified> {
  const kind = kindOfEnrolment(request.factorId) || request.factorId;
  const factor = deps.factors.get(kind);
  if (!factor) return refuse('not_found');
  const malformed = factor.refuseMalformed(request.input, 'challenge');
  if (malformed) return malformed;
  const subject = await subjectOfVisitor(deps, asking.visitor);
  if ('code' in subject) return subject;
  if (!(await mayChallenge(deps, { subject }, kind))) return refuse('not_found');
  const challengeId = factor.prepareSend ? await findChallengeId(deps, asking.visitor, request) : undefined;
  if (typeof challengeId === 'object') return challengeId;

  const attempt = await reserve(deps, asking, subject, request.factorId, factor, challengeId);
  if (!attempt.ok) return attempt;
  const { material } = attempt;
  const judged = await judgeAnswer(deps, asking, subject, factor, material, request.input);
  if (!judged.verdict.ok)
    return await rejected(deps, asking, subject, request.factorId, judged.verdict, attempt.counts);
  return await accepted(deps, asking, subject, factor, {
    ...judged,
    verdict: judged.verdict,
    material,
    counts: attempt.counts,
  });
}

type Attempt = { readonly ok: true; readonly counts: readonly Count[]; readonly material: Material } | Refusal;

async function reserve(
  deps: FlowDeps,
  asking: Asking,
  subject: Subject,
  factorId: string,
  factor: Factor,
  challengeId: string | undefined,
): Promise<Attempt> {
  const { kind } = factor;
  const byKind = factorId === kind;
  const checks: Write[] = [];
  if (!byKind) checks.push({ do: 'check', kind: recordKind(factor), id: factorId, if: 'present' });
  if (challengeId) checks.push({ do: 'check', kind: 'challenge', id: challengeId, if: 'present' });
  const pendingId = asking.visitor.state === 'pending' ? asking.visitor.pendingId : '-';
  const reserved: ReservedTry = await reserveTry(deps, {
    subject,
    asking,
    factorId,
    kind,
    writes: checks,
    reads: [
      { kind: recordKind(factor), ...(byKind ? {} : { id: factorId }) },
      { kind: 'challenge', id: challengeId ?? '-' },
      { kind: 'part' },
      { kind: 'pending', id: pendingId },
    ],
  });
  if (!reserved.ok && 'condition' in reserved)
    return refuse(reserved.condition === 0 && !byKind ? 'not_found' : 'challenge_expired');
  if (!reserved.ok) {
    // Out of tries: the code is void for good, and the next one starts a new challenge.
    if (challengeId && reserved.code === 'challenge_exhausted') {
      await deps.store.commit(subject.owner, { writes: [{ do: 'delete', kind: 'challenge', id: challengeId }] });
    }
    return reserved;
  }
  const [enrolments = [], challenges = [], parts = [], pending = []] = reserved.records;
  const mine = enrolments.map((record) => enrolmentOf(record)).filter((one) => one.kind === kind);
  if (mine.length === 0) {
    await takeBack(deps, subject, reserved.counts);
    return refuse('not_found');
  }
  const [challenge] = challenges;
  const [waiting] = pending;
  return {
    ok: true,
    counts: reserved.counts,
    material: {
      enrolments: mine,
      parts,
      ...(challenge ? { challenge: challengeOf(challenge) } : {}),
      ...(waiting ? { pending: waiting } : {}),
    },
  };
}

async function rejected(
  deps: FlowDeps,
  asking: Asking,
  subject: Subject,
  factorId: string,
  verdict: Verdict & { ok: false },
  counts: readonly Count[],
): Promise<Refusal> {
  if (verdict.reason === 'unavailable' && !verdict.reached) await takeBack(deps, subject, counts);
  const kind = kindOfEnrolment(factorId) || factorId;
  const reason = verdict.reason === 'wrong' ? 'code_wrong' : verdict.reason;
  const news: NewEvent[] = [
    { type: 'challenge.failed', factor: kind, enrolmentId: factorId, purpose: purposeOf(asking), reason },
  ];
  await sayNow(deps, { subject, facts: asking.facts }, [...news, ...lockNews(counts, kind, deps)]);
  if (verdict.reason === 'gone') return refuse('challenge_expired');
  if (verdict.reason === 'unavailable') return refuse('delivery_unavailable', { retryAfterMs: 10_000 });
  return refuse('code_wrong', { attemptsLeft: attemptsLeft(counts, deps) });
}

async function accepted(
  deps: FlowDeps,
  asking: Asking,
  subject: Subject,
  factor: Factor,
  right: { verdict: Verdict & { ok: true }; enrolment: Enrolment; material: Material; counts: readonly Count[] },
): Promise<Verified> {
  const { verdict, enrolment, material } = right;
  const { visitor } = asking;
  const pending = material.pending && pendingOf(material.pending);
  if (
    visitor.state === 'pending' &&
    !(await deps.ask.beforeSignIn(subject.user, { factor: factor.kind, facts: asking.facts }))
  ) {
    await sayNow(deps, { subject, facts: asking.facts }, [{ type: 'sign_in.refused', reason: 'vetoed' }]);
    return refuse('sign_in_refused');
  }
  const now = deps.clock();
  const grant: Grant = { factor: factor.kind, enrolment: enrolment.id, at: now, amr: verdict.amr ?? factor.amr };
  const holds = visitorHolds(visitor);
  const said = say(
    deps,
    { subject, facts: asking.facts },
    successNews(asking, factor, enrolment, material, grant, pending?.firstFactor),
  );
  const done = await deps.store.commit(subject.owner, {
    writes: [
      ...holds,
      ...consumed(factor, verdict, enrolment, material),
      ...(pending ? [{ do: 'delete', kind: 'pending', id: pending.id } as const] : []),
      lastUsed(enrolment.id, now),
    ],
    counters: [
      ...right.counts.map(({ key, total }) => ({ do: 'settle', key, upTo: total }) as const),
      { do: 'clear', prefix: `tries:${contextOf(visitor)}:` },
    ],
    log: said.rows,
  });
  if (!done.ok) return await lost(deps, asking, subject, enrolment, done, holds.length, right.counts);
  deps.publish(said.events);
  const grants = pending ? [firstFactorGrant(pending.firstFactor, pending.startedAt), grant] : [grant];
  return {
    ok: true,
    ticket: {
      purpose: pending ? 'sign-in' : 'step-up',
      subject,
      epoch: visitor.state === 'pending' ? visitor.epoch : visitor.proof.epoch,
      grants,
      from: contextOf(visitor),
      ...(pending ? { pending } : {}),
      proofId: randomId(),
    },
  };
}

/** Whatever may count once: taken, raised or deleted, or the answer loses. */
function consumed(factor: Factor, verdict: Verdict & { ok: true }, enrolment: Enrolment, material: Material): Write[] {
  const writes: Write[] = [{ do: 'check', kind: recordKind(factor), id: enrolment.id, if: 'present' }];
  if (material.challenge) writes.push({ do: 'delete', kind: 'challenge', id: material.challenge.id, if: 'present' });
  if (verdict.raiseMarkTo !== undefined)
    writes.push({ do: 'raise', kind: recordKind(factor), id: enrolment.id, to: verdict.raiseMarkTo });
  for (const id of verdict.spend ?? []) writes.push({ do: 'delete', kind: 'part', id, if: 'present' });
  return writes;
}

/** Another request was first: with the pending sign-in, or with the code. */
async function lost(
  deps: FlowDeps,
  asking: Asking,
  subject: Subject,
  enrolment: Enrolment,
  done: Committed & { ok: false },
  holds: number,
  counts: readonly Count[],
): Promise<Refusal> {
  if (done.index < holds) return refuse('sign_in_again');
  await sayNow(deps, { subject, facts: asking.facts }, [
    {
      type: 'challenge.failed',
      factor: enrolment.kind,
      enrolmentId: enrolment.id,
      purpose: purposeOf(asking),
      reason: 'code_used',
    },
    ...lockNews(counts, enrolment.kind, deps),
  ]);
  return refuse('code_wrong', { attemptsLeft: attemptsLeft(counts, deps) });
}

function successNews(
  asking: Asking,
  factor: Factor,
  enrolment: Enrolment,
  material: Material,
  grant: Grant,
  firstFactor: string | undefined,
): readonly NewEvent[] {
  const news: NewEvent[] = [
    { type: 'challenge.passed', factor: factor.kind, enrolmentId: enrolment.id, purpose: purposeOf(asking) },
  ];
  if (factor.role === 'backup') news.push({ type: 'backup_code.used', left: material.parts.length - 1 });
  if (firstFactor !== undefined)
    news.push({ type: 'sign_in.completed', factor: factor.kind, firstFactor, amr: grant.amr });
  return news;
}

/** Backup codes are not an enrolment of their own: they come and go with the others. */
function recordKind(factor: Factor): string {
  return factor.role === 'backup' ? 'backup' : 'enrolment';
}

function purposeOf(asking: Asking): 'sign-in' | 'step-up' {
  return asking.visitor.state === 'pending' ? 'sign-in' : 'step-up';
}
