import { createHash } from 'node:crypto';
import { type Refusal, refuse } from '../core/errors.js';
import { network } from '../core/network.js';
import type { Committed, Hit, Write } from '../core/store.js';
import type { Subject } from '../core/words.js';
import { challengeTries, lockOf, sendLadder, sharedSends, userSends } from '../policy/limits.js';
import type { FlowDeps } from './deps.js';
import { lockedUntil } from './reserve-try.js';

/** Counters that strangers share live with no user. */
export const SENDS_OWNER = 'sends';

/** One send, as the counters see it. */
export interface Send {
  readonly subject: Subject;
  readonly context: string;
  readonly enrolmentId: string;
  /** Whoever is locked out of this kind is sent nothing: the code could not be used. Undefined while a factor is being set up. */
  readonly lockedBy?: string;
  readonly to: string;
  readonly ip?: string;
}

export interface SendCount extends Send {
  /** Written in the same step in which the user's own counters move: the send is on record before anybody is called. */
  readonly writes: readonly Write[];
  /** The first code of a new challenge: tries at the one before are forgotten. */
  readonly fresh: boolean;
}

export type SendCounted =
  | { readonly ok: true; readonly now: number; readonly sendNo: number }
  | Refusal
  | { readonly ok: false; readonly condition: number };

/**
 * Looks whether the user's own counters admit a send, and moves none: someone who may not send touches nothing of what strangers share. `usedUp`: the challenge is out of
 * tries; a further code of it would be paid for and never accepted, so the next one begins anew.
 */
export async function maySend(
  deps: FlowDeps,
  send: Send,
): Promise<{ readonly ok: true; readonly usedUp: boolean } | Refusal> {
  const locks = locksOf(deps, send);
  const looks = [...locks, ...ownOf(deps, send), triesOf(deps, send)];
  const done = await deps.store.commit(send.subject.owner, { hits: looks.map((hit) => ({ ...hit, peek: true })) });
  if (done.ok) return { ok: true, usedUp: false };
  return done.index === looks.length - 1 ? { ok: true, usedUp: true } : limited(done, locks.length);
}

/**
 * Counts one send against every budget, then writes it down. Two steps, because the budgets that strangers share live in another partition than the user;
 * when the second is refused the first is taken back. A crash in between leaves one send counted that never happened.
 */
export async function countSend(deps: FlowDeps, send: SendCount): Promise<SendCounted> {
  const locks = locksOf(deps, send);
  const shared = await deps.store.commit(SENDS_OWNER, { hits: sharedSends(placesOf(deps, send), deps.limits) });
  if (!shared.ok) return limited(shared, 0);

  const done = await deps.store.commit(send.subject.owner, {
    hits: [...locks, ...ownOf(deps, send)],
    writes: send.writes,
    counters: send.fresh ? [{ do: 'settle', key: triesOf(deps, send).key, upTo: Number.MAX_SAFE_INTEGER }] : [],
  });
  if (done.ok) return { ok: true, now: done.now, sendNo: done.counts[locks.length]?.count ?? 1 };

  await deps.store.commit(SENDS_OWNER, {
    counters: shared.counts.map(({ key, total }) => ({ do: 'refund', key, hit: total })),
  });
  return done.reason === 'condition' ? { ok: false, condition: done.index } : limited(done, locks.length);
}

function locksOf({ limits }: FlowDeps, { lockedBy }: Send): readonly Hit[] {
  return lockedBy === undefined ? [] : [lockOf(lockedBy, limits)];
}

function ownOf({ limits }: FlowDeps, { context, enrolmentId }: Send): readonly Hit[] {
  return [sendLadder(context, enrolmentId, limits), userSends(limits)];
}

function triesOf({ limits }: FlowDeps, { context, enrolmentId }: Send): Hit {
  return challengeTries(context, enrolmentId, limits);
}

/** Which budget was full: one of the locks, which come first, or one of sends. */
function limited({ index, retryAt, now }: Committed & { ok: false }, locks: number): Refusal {
  if (index < locks) return lockedUntil(retryAt, now);
  return refuse('send_limited', retryAt === undefined ? {} : { retryAfterMs: Math.max(1000, retryAt - now) });
}

function placesOf(deps: FlowDeps, { to, ip }: Send): Parameters<typeof sharedSends>[0] {
  return {
    number: fingerprint(deps, to),
    prefix: fingerprint(deps, to.slice(0, -4)),
    ...(ip === undefined ? {} : { ip: network(ip) }),
  };
}

/** Numbers are counted, not kept. */
function fingerprint(deps: FlowDeps, text: string): string {
  return createHash('sha256')
    .update(deps.sealer.keyedHash(`send ${text}`))
    .digest('base64url')
    .slice(0, 22);
}
