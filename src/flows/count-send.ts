import { createHash } from 'node:crypto';
import { type Refusal, refuse } from '../core/errors.js';
import type { Commit, Hit, LogRow, Write } from '../core/store.js';
import type { Subject } from '../core/words.js';
import { sendLadder, sharedSends, userSends } from '../policy/limits.js';
import type { FlowDeps } from './deps.js';

/** Counters that strangers share live with no user. */
export const SENDS_OWNER = 'sends';

export interface SendCount {
  readonly subject: Subject;
  readonly context: string;
  readonly enrolmentId: string;
  readonly to: string;
  readonly ip?: string;
  /** Written in the same step in which the user's own counters move: the send is on record before anybody is called. */
  readonly writes: readonly Write[];
  readonly log: readonly LogRow[];
  /** Forgets what an earlier challenge of this factor used up. */
  readonly fresh: boolean;
}

export type SendCounted =
  | { readonly ok: true; readonly now: number; readonly sendNo: number }
  | Refusal
  | { readonly ok: false; readonly condition: number };

/**
 * Counts one send against every budget, then writes it down. Two steps, because the budgets that strangers share live in another partition than the user;
 * when the second is refused the first is taken back. A crash in between leaves one send counted that never happened.
 */
export async function countSend(deps: FlowDeps, send: SendCount): Promise<SendCounted> {
  const shared = sharedSends(
    {
      number: fingerprint(deps, send.to),
      prefix: fingerprint(deps, send.to.slice(0, -4)),
      ...(send.ip === undefined ? {} : { ip: network(send.ip) }),
    },
    deps.limits,
  );
  const counted = await deps.store.commit(SENDS_OWNER, { hits: shared });
  if (!counted.ok) return limited(counted.retryAt, counted.now);

  const ladder = sendLadder(send.context, send.enrolmentId, deps.limits);
  const own: readonly Hit[] = [ladder, userSends(deps.limits)];
  const clear: Commit['counters'] = send.fresh
    ? [
        { do: 'clear', prefix: ladder.key },
        { do: 'clear', prefix: `tries:${send.context}:${send.enrolmentId}` },
      ]
    : [];
  const done = await deps.store.commit(send.subject.owner, {
    hits: own,
    writes: send.writes,
    counters: clear,
    log: send.log,
  });
  if (done.ok) return { ok: true, now: done.now, sendNo: done.counts[0]?.count ?? 1 };

  await deps.store.commit(SENDS_OWNER, {
    counters: counted.counts.map(({ key, total }) => ({ do: 'refund', key, hit: total })),
  });
  return done.reason === 'limit' ? limited(done.retryAt, done.now) : { ok: false, condition: done.index };
}

function limited(retryAt: number | undefined, now: number): Refusal {
  return refuse('send_limited', retryAt === undefined ? {} : { retryAfterMs: Math.max(1000, retryAt - now) });
}

/** Numbers are counted, not kept. */
function fingerprint(deps: FlowDeps, text: string): string {
  return createHash('sha256')
    .update(deps.sealer.keyedHash(`send ${text}`))
    .digest('base64url')
    .slice(0, 22);
}

/** An IPv6 customer has a whole /64 to send from; an IPv4 address written as IPv6 is that IPv4 address. */
export function network(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1]) return mapped[1];
  if (!ip.includes(':')) return ip;
  const [head = '', tail] = ip.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...middle, ...right].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/64`;
}
