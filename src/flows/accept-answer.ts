import { randomId } from '../core/codes.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent } from '../core/events.js';
import type { Verdict } from '../core/factor.js';
import type { Write } from '../core/store.js';
import type { Enrolment, Grant } from '../core/words.js';
import { triesIn } from '../policy/limits.js';
import { contextOf, visitorHolds } from './account.js';
import type { FlowDeps } from './deps.js';
import { channelWorks, hasSeveral } from './failed-channels.js';
import { placeSeen } from './known-networks.js';
import { lastUsed } from './last-used.js';
import { type Attempt, purposeOf, recordKind } from './reserve-answer.js';
import { attemptsLeft, lockNews } from './reserve-try.js';
import { say, sayNow } from './say.js';
import { sealAnew } from './seal-anew.js';
import { tellCarriers } from './tell-carriers.js';
import { firstFactorGrant, type Ticket } from './ticket.js';
import { answeredRightly } from './track-record.js';

/** A right answer, and the enrolment that made it. */
export interface Right {
  readonly verdict: Verdict & { ok: true };
  readonly enrolment: Enrolment;
}

/** Takes everything the right answer used up, in one commit; whoever comes second with the same code loses there. */
export async function acceptAnswer(
  deps: FlowDeps,
  attempt: Attempt,
  right: Right,
): Promise<{ readonly ok: true; readonly ticket: Ticket } | Refusal> {
  const { asking, subject, factor, material, counts } = attempt;
  const { visitor, facts } = asking;
  const { pending } = material;
  const about = { subject, facts };
  if (pending && !(await deps.ask.beforeSignIn(subject.user, { factor: factor.kind, facts }))) {
    await sayNow(deps, about, [{ type: 'sign_in.refused', reason: 'vetoed' }]);
    return refuse('sign_in_refused');
  }
  const at = deps.clock();
  const grant: Grant = {
    factor: factor.kind,
    enrolment: right.enrolment.id,
    at,
    amr: right.verdict.amr ?? factor.amr,
  };
  const holds = visitorHolds(visitor);
  const said = say(deps, about, successNews(attempt, grant));
  const tries = triesIn(contextOf(visitor));
  const done = await deps.store.commit(subject.owner, {
    writes: [
      ...holds,
      ...usedUp(attempt, right),
      ...(pending ? [{ do: 'delete', kind: 'pending', id: pending.id } as const] : []),
      lastUsed(right.enrolment.id, at, material.challenge),
      ...(material.challenge && hasSeveral(factor)
        ? [channelWorks(right.enrolment.id, material.challenge.channel)]
        : []),
      ...(pending ? placeSeen(deps, subject, { ip: facts.ip, country: pending.risk?.country }, material.networks) : []),
    ],
    counters: [
      ...counts
        .filter(({ key }) => !key.startsWith(tries))
        .map(({ key, total }) => ({ do: 'settle', key, upTo: total }) as const),
      // Those of a sign-in that is used up are of no use to anybody.
      { do: 'clear', prefix: tries, ...(pending ? { unneeded: true } : {}) },
    ],
    log: said.rows,
    // All of it held when the try was counted, and nothing was compared with anything else.
    seenToHold: true,
  });
  if (!done.ok) return done.index < holds.length ? refuse('sign_in_again') : await lost(deps, attempt, right.enrolment);
  deps.publish(said.events);
  if (factor.role === 'factor') await sealAnew(deps, subject, right.enrolment);
  if (material.challenge) {
    tellCarriers(deps, factor, material.challenge.data, { subject, enrolmentId: right.enrolment.id });
    answeredRightly(deps, factor, { subject, enrolment: right.enrolment, settingUp: false, ...material.challenge });
  }
  return {
    ok: true,
    ticket: {
      purpose: purposeOf(asking),
      subject,
      epoch: visitor.state === 'pending' ? visitor.epoch : visitor.proof.epoch,
      grants: pending ? [firstFactorGrant(pending.firstFactor, pending.startedAt), grant] : [grant],
      from: contextOf(visitor),
      ...(pending ? { pending } : {}),
      proofId: randomId(),
    },
  };
}

/** Whatever may count once: taken, raised or deleted, or the answer loses. */
function usedUp({ factor, material }: Attempt, { verdict, enrolment }: Right): readonly Write[] {
  const writes: Write[] = [{ do: 'check', kind: recordKind(factor), id: enrolment.id, if: 'present' }];
  if (material.challenge) writes.push({ do: 'delete', kind: 'challenge', id: material.challenge.id, if: 'present' });
  if (verdict.raiseMarkTo !== undefined)
    writes.push({ do: 'raise', kind: recordKind(factor), id: enrolment.id, to: verdict.raiseMarkTo });
  for (const id of verdict.spend ?? []) writes.push({ do: 'delete', kind: 'part', id, if: 'present' });
  return writes;
}

/** Another request was first with the code. */
async function lost(deps: FlowDeps, attempt: Attempt, { id, kind }: Enrolment): Promise<Refusal> {
  const { asking, subject, counts } = attempt;
  await sayNow(deps, { subject, facts: asking.facts }, [
    { type: 'challenge.failed', factor: kind, enrolmentId: id, purpose: purposeOf(asking), reason: 'code_used' },
    ...lockNews(counts, kind, deps),
  ]);
  return refuse('code_wrong', { attemptsLeft: attemptsLeft(counts, deps) });
}

function successNews({ asking, factor, material }: Attempt, grant: Grant): readonly NewEvent[] {
  const enrolmentId = grant.enrolment ?? factor.kind;
  const news: NewEvent[] = [{ type: 'challenge.passed', factor: factor.kind, enrolmentId, purpose: purposeOf(asking) }];
  if (factor.role === 'backup') news.push({ type: 'backup_code.used', left: material.parts.length - 1 });
  if (material.pending) {
    const { firstFactor } = material.pending;
    news.push({ type: 'sign_in.completed', factor: factor.kind, firstFactor, amr: grant.amr });
  }
  return news;
}
