import { randomId } from '../core/codes.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent } from '../core/events.js';
import type { Json, Write } from '../core/store.js';
import type { HostUser, PendingSignIn, RequestFacts, Subject } from '../core/words.js';
import { signInVerdict } from '../policy/sign-in-verdict.js';
import { type Account, EPOCH, kindsOf, readOwner, subjectOf, usableEnrolments } from './account.js';
import { strongKinds } from './admit-send.js';
import { policyOn } from './allowed-factors.js';
import type { FlowDeps } from './deps.js';
import { judgeSignIn, seeSignIn } from './risk-of-sign-in.js';
import { say, sayNow } from './say.js';

export interface FirstFactor {
  readonly user: HostUser;
  /** What proved it: `password`, a strategy's name. */
  readonly name: string;
  readonly facts: RequestFacts;
  /** A same-origin path. */
  readonly returnTo: string;
  readonly keepSessionInfo: boolean;
  /** False for logins that keep no session: they cannot be parked. */
  readonly canPark: boolean;
}

export type BegunSignIn =
  | { readonly ok: true; readonly next: 'complete'; readonly subject: Subject; readonly epoch: number }
  | {
      readonly ok: true;
      readonly next: 'challenge' | 'enrol';
      readonly subject: Subject;
      readonly pending: PendingSignIn;
      /** As it was read for this, with the pending sign-in: what may be answered can be told without asking the store again. */
      readonly account: Account;
    }
  | Refusal;

/** The first factor was right: is that all, or is the sign-in parked? Any error here leaves nobody signed in. */
export async function beginSignIn(deps: FlowDeps, first: FirstFactor): Promise<BegunSignIn> {
  const subject = subjectOf(deps, first.user);
  // A client without a session signs in with every request: how often, and from where, says nothing of it.
  const risk = first.canPark ? deps.risk : undefined;
  const [seen, policy] = await Promise.all([
    risk ? seeSignIn(deps, risk, subject, first.facts) : readOwner(deps, subject, { kind: 'pending' }),
    policyOn(deps, first.user),
  ]);
  const account = 'facts' in seen ? seen.account : seen;
  const usable = kindsOf(usableEnrolments(deps, account.enrolments, policy.allows));
  const verdict = signInVerdict({
    policy,
    enrolled: kindsOf(account.enrolments),
    usable,
    offered: [...deps.factors.values()].flatMap(({ role, kind }) =>
      role === 'factor' && policy.allows(kind) ? [kind] : [],
    ),
  });
  const about = { subject, facts: first.facts };
  const judged =
    risk && 'facts' in seen
      ? await judgeSignIn(deps, risk, seen, { strong: strongKinds(deps, usable), challenge: verdict === 'challenge' })
      : undefined;
  const riskSaid = judged?.news ?? [];
  if (judged?.refused) return await refused('risk', riskSaid);
  if (verdict === 'no_usable_factor') return await refused('no_usable_factor');
  if (verdict === 'complete') {
    if (!(await deps.ask.beforeSignIn(first.user, { facts: first.facts }))) return await refused('vetoed');
    // Without a session every request of a client logs in: that is no sign-in to remember.
    if (first.canPark)
      await sayNow(deps, about, [
        ...riskSaid,
        { type: 'sign_in.completed', factor: first.name, firstFactor: first.name, amr: [] },
      ]);
    return { ok: true, next: 'complete', subject, epoch: account.epoch };
  }
  if (!first.canPark) return await refused('no_session_to_park_in');

  const pending: Omit<PendingSignIn, 'startedAt' | 'expiresAt'> = {
    id: randomId(),
    owner: subject.owner,
    userId: subject.id,
    epoch: account.epoch,
    next: verdict,
    firstFactor: first.name,
    returnTo: first.returnTo,
    keepSessionInfo: first.keepSessionInfo,
    ...(judged ? { risk: judged.risk } : {}),
  };
  const { id, ...data } = pending;
  const said = say(deps, about, [...riskSaid, { type: 'sign_in.pending', next: verdict, firstFactor: first.name }]);
  const done = await deps.store.commit(subject.owner, {
    writes: [
      // A user who was forgotten meanwhile must not have a sign-in again, and one whose factors changed not the wrong one.
      { do: 'check', ...EPOCH, if: { mark: account.epoch } },
      ...makeRoom(account.pendingIds),
      { do: 'put', kind: 'pending', id, data: data as unknown as Json, ttlMs: deps.limits.pendingTtlMs },
    ],
    log: said.rows,
  });
  if (!done.ok) return refuse('conflict');
  deps.publish(said.events);
  const waiting = { ...pending, startedAt: done.now, expiresAt: done.now + deps.limits.pendingTtlMs };
  return { ok: true, next: verdict, subject, pending: waiting, account: { ...account, pending: waiting } };

  async function refused(reason: string, before: readonly NewEvent[] = []): Promise<Refusal> {
    await sayNow(deps, about, [...before, { type: 'sign_in.refused', reason }]);
    return refuse('sign_in_refused');
  }
}

/** Of one user so many sign-ins may wait at a time; a further one takes the place of the oldest, so that nobody can fill the store by knowing one password. */
const PENDING_PER_USER = 250;

function makeRoom(ids: readonly string[]): readonly Write[] {
  return ids
    .slice(0, Math.max(0, ids.length - PENDING_PER_USER + 1))
    .map((id) => ({ do: 'delete', kind: 'pending', id }));
}
