/** One send, as everything sees it that counts sends. */
import type { Channel } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { Count, CounterWrite, Write } from '../core/store.js';
import type { Subject } from '../core/words.js';

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
  readonly channel: Channel;
  readonly to: string;
  /** ISO 3166 alpha-2, for phones. */
  readonly country?: string;
  readonly ip?: string;
  /** For what strangers share: the user and the number, as keyed hashes. */
  readonly who: readonly [user: string, number: string];
}

/** A send, and who may be asked to bring it, best first. */
export interface RoutedSend extends Send {
  readonly carriers: readonly (string | undefined)[];
}

/** Takes a counted hit back. */
export function taken({ key, total }: Count): CounterWrite {
  return { do: 'refund', key, hit: total };
}

/** `retryAt` and `now` by the store's clock; undefined where it opens by itself never. */
export function tooMany(retryAt: number | undefined, now: number): Refusal {
  return refuse('send_limited', retryAt === undefined ? {} : { retryAfterMs: Math.max(1000, retryAt - now) });
}
