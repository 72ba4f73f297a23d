import { randomId } from '../core/codes.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent } from '../core/events.js';
import type { Input, Verdict } from '../core/factor.js';
import type { Count, Write } from '../core/store.js';
import type { Draft, Enrolment, Grant } from '../core/words.js';
import { type Asking, contextOf, EPOCH, factorContext, visitorHolds } from './account.js';
import type { FlowDeps } from './deps.js';
import { dropFailed, stillFailed } from './failed-channels.js';
import { findDraft } from './find-draft.js';
import { guardChange, type MayChange } from './guard-change.js';
import { literalVerdict, nothingCompared } from './judge-answer.js';
import { placeSeen } from './known-networks.js';
import { lastUsed } from './last-used.js';
import { type MadeCodes, makeBackupCodes } from './make-backup-codes.js';
import { claimNumber, releaseNumbers } from './number-holders.js';
import { isPhone } from './places.js';
import { takeBack } from './reserve-try.js';
import { say, sayNow } from './say.js';
import { sealedByNewest } from './seal-anew.js';
import { tellCarriers } from './tell-carriers.js';
import { firstFactorGrant, type Ticket } from './ticket.js';
import { answeredRightly } from './track-record.js';

export type ConfirmedEnrolment =
  | {
      readonly ok: true;
      readonly ticket: Ticket;
      readonly enrolment: { readonly id: string; readonly kind: string; readonly name: string };
      /** Only with the first factor; shown once. */
      readonly backupCodes?: readonly string[];
    }
  | Refusal;

/** The answer that proves the new factor works. In one commit the draft becomes an enrolment, what it replaces goes, and everything issued before is void. */
export async function confirmEnrolment(
  deps: FlowDeps,
  asking: Asking,
  id: string,
  input: Input,
): Promise<ConfirmedEnrolment> {
  const may = await guardChange(deps, asking, { forcedToo: true });
  if ('code' in may) return may;
  const draft = findDraft(deps, asking, may.account, id);
  if ('ok' in draft) return draft;
  const factor = deps.factors.get(draft.kind);
  if (!factor) return refuse('not_found');
  const malformed = factor.refuseMalformed(input, 'enrolment');
  if (malformed) return malformed;
  if (factor.prepareSend && (!draft.sent || draft.sent.expiresAt <= deps.clock())) return refuse('challenge_expired');

  const counted = await countTry(deps, asking, may, draft);
  if (!counted.ok) return counted;
  const unconfirmed: Enrolment = { ...draft, mark: 0, version: 0 };
  const check = factor.confirmEnrolment ?? factor.verify;
  const context = factorContext(deps, may.account.subject, draft.id, asking.facts.locale);
  const verdict = literalVerdict(
    await check.call(factor, { enrolment: unconfirmed, challenge: draft.sent?.data, input }, context),
  );
  if (nothingCompared(verdict)) await takeBack(deps, may.account.subject, counted.counts);
  if (!verdict.ok) return await rejected(deps, asking, may, draft, verdict, counted.left);
  return (await vetoed(deps, asking, may, draft)) ?? (await confirmed(deps, asking, may, draft, verdict));
}

/** A forced set-up completes a sign-in: the host may refuse it as any other. Nothing has been written by then. */
async function vetoed(deps: FlowDeps, asking: Asking, may: MayChange, draft: Draft): Promise<Refusal | undefined> {
  const { subject, pending } = may.account;
  if (!pending) return undefined;
  if (await deps.ask.beforeSignIn(subject.user, { factor: draft.kind, facts: asking.facts })) return undefined;
  await sayNow(deps, { subject, facts: asking.facts }, [{ type: 'sign_in.refused', reason: 'vetoed' }]);
  return refuse('sign_in_refused');
}

/** Its own budget, apart from the user's: a set-up that is guessed at dies. */
async function countTry(
  deps: FlowDeps,
  asking: Asking,
  may: MayChange,
  draft: Draft,
): Promise<{ ok: true; left: number; counts: readonly Count[] } | Refusal> {
  const holds = visitorHolds(asking.visitor);
  const { owner } = may.account.subject;
  const limit = deps.limits.triesPerChallenge;
  const done = await deps.store.commit(owner, {
    writes: [...holds, { do: 'check', kind: 'draft', id: draft.id, if: 'present' }],
    hits: [{ key: `draft-tries:${draft.id}`, limit, windowMs: deps.limits.draftTtlMs }],
  });
  if (done.ok) return { ok: true, left: limit - (done.counts[0]?.count ?? limit), counts: done.counts };
  if (done.reason === 'condition') return refuse(done.index < holds.length ? 'sign_in_again' : 'enrolment_expired');
  await deps.store.commit(owner, { writes: [{ do: 'delete', kind: 'draft', id: draft.id }] });
  return refuse('enrolment_expired');
}

async function rejected(
  deps: FlowDeps,
  asking: Asking,
  may: MayChange,
  draft: Draft,
  verdict: Verdict & { ok: false },
  attemptsLeft: number,
): Promise<Refusal> {
  if (verdict.reason === 'malformed') return refuse('code_malformed', { field: 'code' });
  const reason = verdict.reason === 'wrong' ? 'code_wrong' : verdict.reason;
  await sayNow(deps, { subject: may.account.subject, facts: asking.facts }, [
    { type: 'challenge.failed', factor: draft.kind, enrolmentId: draft.id, purpose: 'enrolment', reason },
  ]);
  if (verdict.reason === 'gone') return refuse('challenge_expired');
  if (verdict.reason === 'unavailable') return refuse('delivery_unavailable', { retryAfterMs: 10_000 });
  const skew = verdict.clockSkewSeconds;
  return refuse('code_wrong', { attemptsLeft, ...(skew === undefined ? {} : { clockSkewSeconds: skew }) });
}

async function confirmed(
  deps: FlowDeps,
  asking: Asking,
  may: MayChange,
  draft: Draft,
  verdict: Verdict & { ok: true },
): Promise<ConfirmedEnrolment> {
  const { account } = may;
  const { subject, pending } = account;
  const factor = deps.factors.get(draft.kind);
  const to = await factor?.sending?.(draft.data, factorContext(deps, subject, draft.id));
  const phone = to && isPhone(to.to) ? to.to : undefined;
  if (phone !== undefined && !(await claimNumber(deps, subject, phone, draft.id))) {
    const place = { factor: draft.kind, enrolmentId: draft.id };
    await sayNow(deps, { subject, facts: asking.facts }, [
      { type: 'challenge.failed', ...place, purpose: 'enrolment', reason: 'too_many_accounts' },
    ]);
    return refuse('destination_refused', { field: 'phone' });
  }
  const now = deps.clock();
  const epoch = account.epoch + 1;
  const proofId = randomId();
  const first = may.kinds.length === 0;
  const codes = first ? await makeBackupCodes(deps, subject, proofId) : undefined;
  const amr = verdict.amr ?? factor?.amr ?? [];
  // Begun under an older secret and confirmed after everything was sealed anew, it would be the one thing that is not.
  const data = await sealedByNewest(deps, subject, { id: draft.id, data: verdict.data ?? draft.data });
  const holds = visitorHolds(asking.visitor);
  const said = say(deps, { subject, facts: asking.facts }, news(draft, first, codes, pending?.firstFactor, amr), epoch);
  const done = await deps.store.commit(subject.owner, {
    writes: [
      ...holds,
      { do: 'delete', kind: 'draft', id: draft.id, if: 'present' },
      ...(draft.replaces ? [...replaced(draft.replaces), ...dropFailed(account.failedChannels, draft.replaces)] : []),
      {
        do: 'put',
        kind: 'enrolment',
        id: draft.id,
        data: { kind: draft.kind, name: draft.name, data },
        if: 'absent',
      },
      // The code that proved the set-up has been used: it signs nobody in afterwards.
      ...(verdict.raiseMarkTo === undefined
        ? []
        : [{ do: 'raise', kind: 'enrolment', id: draft.id, to: verdict.raiseMarkTo } as const]),
      lastUsed(draft.id, now, draft),
      ...stillFailed(account.failedChannels, draft.id),
      ...(pending ? placeSeen(deps, subject, { ip: asking.facts.ip, country: pending.risk?.country }) : []),
      ...(codes?.writes ?? []),
      ...(pending ? [{ do: 'delete', kind: 'pending', id: pending.id } as const] : []),
      { do: 'bump', ...EPOCH } satisfies Write,
    ],
    log: said.rows,
  });
  if (!done.ok) {
    if (phone !== undefined) await releaseNumbers(deps, subject, [{ ...draft, mark: 0, version: 0 }]);
    return refuse(done.index < holds.length ? 'sign_in_again' : 'conflict');
  }
  deps.noteEpoch(subject.owner, epoch);
  deps.publish(said.events);
  if (first) await deps.ask.endSessions(subject.id, 'factor.added');
  const gone = account.enrolments.filter(({ id }) => id === draft.replaces);
  await releaseNumbers(deps, subject, gone);
  if (factor && draft.sent) {
    tellCarriers(deps, factor, draft.sent.data, { subject, enrolmentId: draft.id });
    const { channel = 'sms', sent } = draft;
    answeredRightly(deps, factor, { ...sent, subject, enrolment: draft, settingUp: true, channel, sentAt: sent.at });
  }

  const grant: Grant = { factor: draft.kind, enrolment: draft.id, at: now, amr };
  return {
    ok: true,
    enrolment: { id: draft.id, kind: draft.kind, name: draft.name },
    ...(codes ? { backupCodes: codes.codes } : {}),
    ticket: {
      purpose: pending ? 'sign-in' : 'step-up',
      subject,
      epoch,
      grants: pending ? [firstFactorGrant(pending.firstFactor, pending.startedAt), grant] : [grant],
      from: contextOf(asking.visitor),
      ...(pending ? { pending } : {}),
      ...(draft.replaces ? { withoutEnrolments: [draft.replaces] } : {}),
      proofId,
    },
  };
}

function replaced(id: string): readonly Write[] {
  return [
    { do: 'delete', kind: 'enrolment', id, if: 'present' },
    { do: 'delete', kind: 'last-used', id },
  ];
}

function news(
  draft: Draft,
  first: boolean,
  codes: MadeCodes | undefined,
  firstFactor: string | undefined,
  amr: readonly string[],
): readonly NewEvent[] {
  const place = { factor: draft.kind, enrolmentId: draft.id, name: draft.name };
  return [
    draft.replaces
      ? { type: 'factor.replaced', ...place, replaced: draft.replaces }
      : { type: 'factor.added', ...place, first },
    ...(codes?.news ?? []),
    ...(firstFactor === undefined
      ? []
      : [{ type: 'sign_in.completed', factor: draft.kind, firstFactor, amr } as const]),
  ];
}
