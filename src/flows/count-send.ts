import { createHash } from 'node:crypto';
import { mailboxOf } from '../core/email-addresses.js';
import { type Refusal, refuse } from '../core/errors.js';
import { network } from '../core/network.js';
import type { Committed, Count, CounterWrite, Hit, Write } from '../core/store.js';
import type { Challenge, Subject } from '../core/words.js';
import { challengeTries, lockOf, sendLadder, sharedSends, userSends } from '../policy/limits.js';
import { challengeOf } from './account.js';
import type { FlowDeps } from './deps.js';
import { lockedUntil } from './reserve-try.js';

/** Counters that strangers share live with no user. */
export const SENDS_OWNER = 'sends';

/** One send, as the counters see it. */
export interface Send {
  readonly subject: Subject;
  /** What must hold for the visitor, or nothing is counted. */
  readonly holds: readonly Write[];
  readonly context: string;
  readonly enrolmentId: string;
  /** Whoever is locked out of this kind is sent nothing: the code could not be used. Undefined while a factor is being set up. */
  readonly lockedBy?: string;
  readonly to: string;
  readonly ip?: string;
}

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
  readonly shared: readonly Count[];
}

/**
 * Counts one send against every budget, before anything is written or called. The user's own counters come first: whoever may not send touches nothing of what
 * strangers share, which lives in another partition. When that is full, the user's are taken back; a crash in between leaves one send counted that never happened.
 */
export async function countSend(deps: FlowDeps, send: Send): Promise<CountedSend | Refusal> {
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
  const shared = await deps.store.commit(SENDS_OWNER, { hits: sharedSends(placesOf(deps, send), deps.limits) });
  const open = (mine.records[0] ?? [])
    .map(challengeOf)
    .filter((one) => one.context === send.context && one.enrolmentId === send.enrolmentId);
  if (shared.ok) return { ok: true, sendNo: own[0]?.count ?? 1, usedUp, open, own, shared: shared.counts };
  await deps.store.commit(owner, { counters: own.map(taken) });
  return limited(shared, 0);
}

/** Nothing came of the send: nobody was called. */
export async function takeBackSend(deps: FlowDeps, send: Send, { own, shared }: CountedSend): Promise<void> {
  await deps.store.commit(send.subject.owner, { counters: own.map(taken) });
  await deps.store.commit(SENDS_OWNER, { counters: shared.map(taken) });
}

/** Whether an answer to what is open would still be compared. */
export async function hasTriesLeft(deps: FlowDeps, send: Send): Promise<boolean> {
  return (await deps.store.commit(send.subject.owner, { hits: [{ ...triesOf(deps, send), peek: true }] })).ok;
}

/** For the commit that writes a first code down: tries at the challenge before are forgotten. */
export function triesForgotten(deps: FlowDeps, send: Send): CounterWrite {
  return { do: 'settle', key: triesOf(deps, send).key, upTo: Number.MAX_SAFE_INTEGER };
}

/** Whose send it is, for what strangers share: the user and the number, as keyed hashes. */
export function marksOf(deps: FlowDeps, { subject, to }: Send): readonly string[] {
  return [fingerprint(deps, `of ${subject.owner}`), fingerprint(deps, mailboxOf(to))];
}

function taken({ key, total }: Count): CounterWrite {
  return { do: 'refund', key, hit: total };
}

function locksOf({ limits }: FlowDeps, { lockedBy }: Send): readonly Hit[] {
  return lockedBy === undefined ? [] : [lockOf(lockedBy, limits)];
}

function triesOf({ limits }: FlowDeps, { context, enrolmentId }: Send): Hit {
  return challengeTries(context, enrolmentId, limits);
}

/** Which budget was full: one of the locks, which come first, or one of sends. */
function limited({ index, retryAt, now }: Committed & { ok: false }, locks: number): Refusal {
  if (index < locks) return lockedUntil(retryAt, now);
  return refuse('send_limited', retryAt === undefined ? {} : { retryAfterMs: Math.max(1000, retryAt - now) });
}

function placesOf(deps: FlowDeps, { to, ip, lockedBy }: Send): Parameters<typeof sharedSends>[0] {
  return {
    number: fingerprint(deps, mailboxOf(to)),
    // Only numbers are bought in blocks.
    ...(to.startsWith('+') ? { prefix: fingerprint(deps, to.slice(0, -4)) } : {}),
    settingUp: lockedBy === undefined,
    ...(ip === undefined ? {} : { ip: network(ip) }),
  };
}

/** Numbers are counted, not kept. */
export function fingerprint(deps: Pick<FlowDeps, 'sealer'>, text: string): string {
  return createHash('sha256')
    .update(deps.sealer.keyedHash(`send ${text}`))
    .digest('base64url')
    .slice(0, 22);
}
