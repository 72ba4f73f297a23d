/** A send that failed, kept for as long as a second click may ask what came of it. */

import type { Channel } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { Json, StoredRecord, Write } from '../core/store.js';
import type { Send } from './one-send.js';

/** Later than this it is no second click but somebody who wants another code. */
export const SECOND_CLICK_MS = 5_000;
export const UNSENT = { kind: 'unsent' } as const;

interface Unsent {
  readonly context: string;
  readonly sendNo: number;
  readonly channel: Channel;
  readonly refusal: Omit<Refusal, 'ok'>;
}

/** One for each factor, or draft of one. */
export function unsent({ context, enrolmentId, channel }: Send, sendNo: number, { ok: _, ...refusal }: Refusal): Write {
  const data: Unsent = { context, sendNo, channel, refusal };
  return { do: 'put', ...UNSENT, id: enrolmentId, data: data as unknown as Json, ttlMs: SECOND_CLICK_MS };
}

/** What was answered to the failed send of that place; not where a later one has begun. */
export function refusalOf(
  records: readonly StoredRecord[],
  place: Pick<Send, 'context' | 'enrolmentId' | 'channel'> & { readonly sendNo: number | undefined },
): Refusal | undefined {
  const data = records.find(({ id }) => id === place.enrolmentId)?.data as Unsent | undefined;
  if (data?.context !== place.context || data.channel !== place.channel || data.sendNo < (place.sendNo ?? 0))
    return undefined;
  const { code, ...details } = data.refusal;
  return refuse(code, details);
}
