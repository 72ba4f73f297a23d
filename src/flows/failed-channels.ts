/** What was learned of a number when a code did not reach it by a channel: kept beside its owner, and told to nobody else. */
import type { Channel, FailureClass } from '../core/delivery.js';
import type { Factor } from '../core/factor.js';
import type { Json, Write } from '../core/store.js';
import type { Subject } from '../core/words.js';
import { type ChannelTrouble, troubleOf } from '../policy/channel-order.js';
import type { FlowDeps } from './deps.js';

export const FAILED_CHANNEL = 'failed-channel';

export interface FailedChannel {
  readonly enrolmentId: string;
  readonly channel: Channel;
  readonly trouble: ChannelTrouble;
  /** The pending sign-in or proof the code was for. */
  readonly context: string;
  /** The person had named the channel. */
  readonly asked?: true;
}

/** Routes mend themselves; a sign-in is over by then. */
const UNDELIVERED_MS = 10 * 60_000;
/** A line seldom becomes another; a carrier may have been mistaken. */
const LANDLINE_MS = 7 * 24 * 60 * 60_000;

export async function readFailedChannels(
  { store }: Pick<FlowDeps, 'store'>,
  { owner }: Subject,
): Promise<readonly FailedChannel[]> {
  const [records = []] = await store.read(owner, [{ kind: FAILED_CHANNEL }]);
  return records.map(({ data }) => data as unknown as FailedChannel);
}

/** Whether there is another channel to take: what one alone is known for helps nobody. */
export function hasSeveral(factor: Pick<Factor, 'channels'> | undefined): boolean {
  return (factor?.channels?.length ?? 1) > 1;
}

/** Nothing, where the failure says nothing of the channel. A set-up is given up soon, and there may be many. */
export function channelFailed(
  { settingUp, ...of }: Omit<FailedChannel, 'trouble'> & { readonly settingUp: boolean },
  factor: Pick<Factor, 'channels'> | undefined,
  why: FailureClass,
): readonly Write[] {
  const trouble = troubleOf(why);
  if (trouble === undefined || !hasSeveral(factor)) return [];
  return [failed({ ...of, trouble }, trouble === 'landline' && !settingUp ? LANDLINE_MS : UNDELIVERED_MS)];
}

/** A code that came by it was answered. */
export function channelWorks(enrolmentId: string, channel: Channel): Write {
  return { do: 'delete', kind: FAILED_CHANNEL, id: idOf({ enrolmentId, channel }) };
}

/** The number is gone. */
export function dropFailed(all: readonly FailedChannel[], id: string): readonly Write[] {
  return all
    .filter(({ enrolmentId }) => enrolmentId === id)
    .map(({ enrolmentId, channel }) => channelWorks(enrolmentId, channel));
}

/** Of a set-up that is confirmed. */
export function stillFailed(all: readonly FailedChannel[], enrolmentId: string): readonly Write[] {
  return all
    .filter((one) => one.enrolmentId === enrolmentId && one.trouble === 'landline')
    .map((one) => failed(one, LANDLINE_MS));
}

function failed(what: FailedChannel, ttlMs: number): Write {
  return { do: 'put', kind: FAILED_CHANNEL, id: idOf(what), data: what as unknown as Json, ttlMs };
}

function idOf({ enrolmentId, channel }: Pick<FailedChannel, 'enrolmentId' | 'channel'>): string {
  return `${enrolmentId}.${channel}`;
}
