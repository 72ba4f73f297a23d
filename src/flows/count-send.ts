import { mailboxOf } from '../core/email-addresses.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { SendLimit } from '../core/events.js';
import type { Committed, Count, CounterWrite, Hit } from '../core/store.js';
import type { Challenge } from '../core/words.js';
import { challengeTries, lockOf, sendLadder, userSends } from '../policy/limits.js';
import { challengeOf } from './account.js';
import { countShared, type SharedCounts } from './count-shared.js';
import type { FlowDeps } from './deps.js';
import { type Send, taken, tooMany } from './one-send.js';
import { fingerprint } from './places.js';
import { lockedUntil } from './reserve-try.js';
import type { TakeBack } from './take-backs.js';

/** A send that has its place in every budget. */
export interface CountedSend {
  readonly ok: true;
  /** 1 for the first code, 2 for the first resend ... */
  readonly sendNo: number;
  /** The challenge before is out of tries: a further code of it would be paid for and never accepted, so this one begins anew. */
  readonly usedUp: boolean;
  /** What was open for this factor and sign-in at that very moment. */
  readonly open: readonly Challenge[];
  readonly own: readonly Count[];
  readonly shared: SharedCounts;
}

/** `limit` is for the audit log: the person hears the same words of each. Undefined where the visitor is gone. */
export type NotCounted = Refusal & { readonly limit?: SendLimit };

/**
 * Counts one send against every budget, before anything is written or called. The user's own counters come first: whoever may not send touches nothing of what
 * strangers share, which lives in another partition. When that is full, the user's are to be taken back; a crash in between leaves one send counted that never happened.
 */
export async function countSend(
  deps: FlowDeps,
  send: Send,
  carriers: readonly (string | undefined)[],
  takeBack: TakeBack,
): Promise<CountedSend | NotCounted> {
  const { owner } = send.subject;
  const locks = locksOf(deps, send);
  const hits = [...locks, sendLadder(send.context, send.enrolmentId, deps.limits), userSends(deps.limits)];
  const tries = { ...triesOf(deps, send), peek: true } as const;
  const reads = [{ kind: 'challenge' }];
  const writes = send.holds;
  const first = await deps.store.commit(owner, { writes, hits: [...hits, tries], reads });
  const usedUp = !first.ok && first.reason === 'limit' && first.index === hits.length;
  const mine = usedUp ? await deps.store.commit(owner, { writes, hits, reads }) : first;
  if (!mine.ok) return mine.reason === 'condition' ? refuse('sign_in_again') : limited(mine, locks.length);

  const own = mine.counts.slice(locks.length, hits.length);
  takeBack(() => deps.store.commit(owner, { counters: own.map(taken) }));
  const shared = await countShared(deps, { ...send, carriers }, takeBack);
  if (!shared.ok) return shared;
  const open = (mine.records[0] ?? [])
    .map(challengeOf)
    .filter((one) => one.context === send.context && one.enrolmentId === send.enrolmentId);
  return { ok: true, sendNo: own[0]?.count ?? 1, usedUp, open, own, shared };
}

/** Whether an answer to what is open would still be compared. */
export async function hasTriesLeft(deps: FlowDeps, send: Send): Promise<boolean> {
  return (await deps.store.commit(send.subject.owner, { hits: [{ ...triesOf(deps, send), peek: true }] })).ok;
}

/** For the commit that writes the code down: a process may have stood still since it counted, and a later code of this sign-in may be out. */
export function newestSend({ limits }: FlowDeps, { context, enrolmentId }: Send, { sendNo }: CountedSend): Hit {
  const { waits: _, ...ladder } = sendLadder(context, enrolmentId, limits);
  return { ...ladder, limit: sendNo + 1, peek: true };
}

/** Whose send it is, for what strangers share: the user and the number, as keyed hashes. */
export function marksOf(deps: Pick<FlowDeps, 'sealer'>, { subject, to }: Pick<Send, 'subject' | 'to'>): Send['who'] {
  return [fingerprint(deps, `of ${subject.owner}`), fingerprint(deps, mailboxOf(to))];
}

/** For the commit that writes a first code down: tries at the challenge before are forgotten. */
export function triesForgotten(deps: FlowDeps, send: Pick<Send, 'context' | 'enrolmentId'>): CounterWrite {
  return { do: 'settle', key: triesOf(deps, send).key, upTo: Number.MAX_SAFE_INTEGER };
}

function locksOf({ limits }: FlowDeps, { lockedBy }: Send): readonly Hit[] {
  return lockedBy === undefined ? [] : [lockOf(lockedBy, limits)];
}

function triesOf({ limits }: FlowDeps, { context, enrolmentId }: Pick<Send, 'context' | 'enrolmentId'>): Hit {
  return challengeTries(context, enrolmentId, limits);
}

/** Which of the user's own was full: one of the locks, which come first, or the ladder, or the hour. */
function limited({ index, retryAt, now }: Committed & { ok: false }, locks: number): NotCounted {
  if (index < locks) return { ...lockedUntil(retryAt, now), limit: 'locked' };
  return { ...tooMany(retryAt, now), limit: index === locks ? 'resend' : 'user' };
}
