import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent } from '../core/events.js';
import type { Count, Ref, StoredRecord, Write } from '../core/store.js';
import type { Subject } from '../core/words.js';
import { challengeTries, leftBeforeLock, lockMsAfter, userTries } from '../policy/limits.js';
import { type Asking, contextOf, visitorHolds } from './account.js';
import type { FlowDeps } from './deps.js';
import { sayNow } from './say.js';

export interface TryToReserve {
  readonly subject: Subject;
  readonly asking: Asking;
  readonly factorId: string;
  readonly kind: string;
  /** Further conditions; the answer names the one that failed by its place in this list. */
  readonly writes: readonly Write[];
  readonly reads: readonly Ref[];
}

export type ReservedTry =
  | { readonly ok: true; readonly counts: readonly Count[]; readonly records: readonly (readonly StoredRecord[])[] }
  | Refusal
  | { readonly ok: false; readonly condition: number };

/**
 * Counts one try before anything is compared: once for the user and the kind of factor, once for the challenge; both or neither. One round trip, which also
 * brings back what the comparison needs.
 */
export async function reserveTry(deps: FlowDeps, wanted: TryToReserve): Promise<ReservedTry> {
  const { subject, asking, factorId, kind } = wanted;
  const holds = visitorHolds(asking.visitor);
  const done = await deps.store.commit(subject.owner, {
    writes: [...holds, ...wanted.writes],
    hits: [userTries(kind, deps.limits), challengeTries(contextOf(asking.visitor), factorId, deps.limits)],
    reads: wanted.reads,
  });
  if (done.ok) return done;
  if (done.reason === 'condition') {
    return done.index < holds.length ? refuse('sign_in_again') : { ok: false, condition: done.index - holds.length };
  }
  const locked = done.index === 0;
  const purpose = asking.visitor.state === 'pending' ? 'sign-in' : 'step-up';
  await sayNow(deps, { subject, facts: asking.facts }, [
    { type: 'challenge.failed', factor: kind, enrolmentId: factorId, purpose, reason: locked ? 'locked' : 'exhausted' },
  ]);
  return locked ? lockedUntil(done.retryAt, done.now) : refuse('challenge_exhausted');
}

/** A lock that only an admin or recovery opens still tells clients when asking again is not rude. */
export function lockedUntil(retryAt: number | undefined, now: number): Refusal {
  return refuse('user_locked', { retryAfterMs: retryAt === undefined ? 86_400_000 : Math.max(1000, retryAt - now) });
}

/** The try was not one: nobody compared anything. */
export async function takeBack(deps: FlowDeps, subject: Subject, counts: readonly Count[]): Promise<void> {
  await deps.store.commit(subject.owner, {
    counters: counts.map(({ key, total }) => ({ do: 'refund', key, hit: total })),
  });
}

/** Tries left before the challenge is used up or the user is locked, whichever comes first. */
export function attemptsLeft(counts: readonly Count[], deps: Pick<FlowDeps, 'limits'>): number {
  const [byUser, byChallenge] = counts;
  return Math.min(
    leftBeforeLock(byUser?.count ?? 0, deps.limits),
    Math.max(0, deps.limits.triesPerChallenge - (byChallenge?.count ?? 0)),
  );
}

/** `user.locked`, when this was the try that locked. */
export function lockNews(
  counts: readonly Count[],
  kind: string,
  deps: Pick<FlowDeps, 'limits' | 'clock'>,
): readonly NewEvent[] {
  const count = counts[0]?.count ?? 0;
  if (count >= deps.limits.triesWithoutSuccess) return [{ type: 'user.locked', factor: kind }];
  const lockMs = lockMsAfter(count, kind, deps.limits);
  return lockMs === undefined ? [] : [{ type: 'user.locked', factor: kind, until: deps.clock() + lockMs }];
}
