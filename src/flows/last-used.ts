import type { Channel } from '../core/delivery.js';
import type { Json, Write } from '../core/store.js';
import type { Challenge } from '../core/words.js';

/** When a factor was used last; and, where codes are sent, by which channel, and which one the person asks for. */
export interface LastUse {
  readonly at: number;
  readonly channel?: Channel;
  readonly own?: Channel;
}

/** Kept beside the enrolment, not in it: using a factor never conflicts with renaming it. */
export function lastUsed(
  enrolmentId: string,
  at: number,
  code: Partial<Pick<Challenge, 'channel' | 'ownChannel'>> = {},
): Write {
  const { channel, ownChannel: own } = code;
  const use: LastUse = { at, ...(channel === undefined ? {} : { channel }), ...(own === undefined ? {} : { own }) };
  return { do: 'put', kind: 'last-used', id: enrolmentId, data: use as unknown as Json };
}
