/** By which channel a code goes: the person's own choice, or what is suggested to them. Never by one that policy forbids or the number does not take. */
import type { Channel, ChannelReason } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { Factor, Sending } from '../core/factor.js';
import type { Challenge, Draft, Enrolment, Subject } from '../core/words.js';
import {
  type ChannelState,
  type ChannelTrouble,
  openToChoice,
  type Suggestion,
  suggestChannel,
} from '../policy/channel-order.js';
import type { ReadPolicy } from '../policy/sign-in-verdict.js';
import { type Account, contextOf, type Visitor } from './account.js';
import { marksOf } from './count-send.js';
import type { FlowDeps } from './deps.js';
import { type FailedChannel, readFailedChannels } from './failed-channels.js';
import { laneOf } from './route-send.js';
import { costOfFirst } from './track-record.js';

/** A number, and what is known of sending to it. */
export interface ChannelsAsked {
  readonly subject: Subject;
  readonly enrolmentId: string;
  readonly factor: Factor;
  readonly to: Sending;
  readonly policy: Pick<ReadPolicy, 'allowsChannel'>;
  /** The pending sign-in's or the proof's id. */
  readonly context: string;
  readonly failed: readonly FailedChannel[];
  /** What the person asked for in an earlier sign-in. */
  readonly remembered?: Channel | undefined;
  /** The code under way. */
  readonly before?: Pick<Challenge, 'channel' | 'asked' | 'ownChannel'> | undefined;
}

interface ChannelChoice {
  /** What the person may choose from, in the operator's order; empty where policy forbids all of it. */
  readonly channels: readonly Channel[];
  readonly suggestion?: Suggestion;
  /** Also of channels that are not offered any more. */
  readonly troubles: ReadonlyMap<Channel, ChannelTrouble>;
  /** By which the code under way came. */
  readonly same?: Channel;
  /** What the person named in this sign-in: nothing else is sent by unless they say so. */
  readonly asked?: Channel;
  /** What is remembered as theirs, unless they ask for something else now. */
  readonly own?: Channel;
  /** Nobody can bring a code by these just now. */
  readonly resting: ReadonlySet<Channel>;
}

export interface ChosenChannel {
  readonly ok: true;
  readonly channel: Channel;
  readonly why: ChannelReason;
  /** The person named it. */
  readonly asked?: true;
  readonly ownChannel?: Channel;
}

/** For a number that is set up: what is known of it to this visitor. */
export function channelsOf(
  { subject, challenges, failedChannels: failed }: Account,
  visitor: Visitor,
  what: { readonly enrolment: Enrolment } & Pick<ChannelsAsked, 'factor' | 'to' | 'policy'>,
): ChannelsAsked {
  const { enrolment, ...rest } = what;
  const { id: enrolmentId, ownChannel: remembered } = enrolment;
  const context = contextOf(visitor);
  const before = challenges.findLast((one) => one.context === context && one.enrolmentId === enrolmentId);
  return { ...rest, subject, enrolmentId, context, failed, remembered, before };
}

/** For a number that is being set up. */
export function draftChannels(
  { subject, failedChannels: failed }: Pick<Account, 'subject' | 'failedChannels'>,
  draft: Pick<Draft, 'id' | 'context' | 'channel' | 'asked' | 'ownChannel' | 'sent'>,
  what: Pick<ChannelsAsked, 'factor' | 'to' | 'policy'>,
): ChannelsAsked {
  const { id: enrolmentId, context, channel, sent } = draft;
  return {
    ...what,
    subject,
    enrolmentId,
    context,
    failed,
    before: sent && channel ? { ...draft, channel } : undefined,
  };
}

/** Changes nothing. Where there is but one channel nobody is asked anything. */
export async function channelChoice(deps: FlowDeps, what: ChannelsAsked): Promise<ChannelChoice> {
  const { to, policy, context, before } = what;
  const failed = what.failed.filter((one) => one.enrolmentId === what.enrolmentId);
  const allowed = to.channels.filter(policy.allowsChannel);
  const states =
    allowed.length > 1
      ? await Promise.all(allowed.map(async (channel) => await stateOf(deps, what, channel, failed)))
      : allowed.map((channel): ChannelState => ({ channel, isWell: true }));
  const own = before?.ownChannel ?? what.remembered;
  const suggestion = suggestChannel(states, { order: deps.channelOrder, same: before?.channel, remembered: own });
  const asked = before
    ? before.asked && before.channel
    : failed.find((one) => one.asked && one.context === context)?.channel;
  return {
    channels: openToChoice(states).map(({ channel }) => channel),
    ...(suggestion === undefined ? {} : { suggestion }),
    troubles: new Map(failed.map(({ channel, trouble }) => [channel, trouble])),
    ...(before === undefined ? {} : { same: before.channel }),
    ...(asked === undefined ? {} : { asked }),
    ...(own === undefined ? {} : { own }),
    resting: new Set(states.flatMap(({ channel, isWell }) => (isWell ? [] : [channel]))),
  };
}

/** `wanted`: what the person named with this very request, never trusted. */
export function chooseChannel(
  { channels: configured = [] }: Pick<Factor, 'channels'>,
  choice: ChannelChoice,
  wanted: string | undefined,
): ChosenChannel | Refusal {
  const { channels, suggestion, own } = choice;
  if (!suggestion) return refuse('destination_refused');
  const named = wanted ?? choice.asked;
  if (named === undefined) return { ok: true, ...suggestion, ...remembering(own) };
  const channel = channels.find((one) => one === named);
  if (channel === undefined) {
    const known = configured.find((one) => one === named);
    return known
      ? refuse('destination_refused', { failedChannel: known, suggestedChannel: suggestion.channel })
      : refuse('field_invalid', { field: 'channel' });
  }
  if (channel === suggestion.channel) return { ok: true, ...suggestion, asked: true, ...remembering(own) };
  // Once more the same way is no new choice.
  if (wanted === undefined || channel === choice.same)
    return { ok: true, channel, why: 'same', asked: true, ...remembering(own) };
  return { ok: true, channel, why: 'asked', asked: true, ownChannel: channel };
}

/** What a record keeps of it. */
export function keptOf({ channel, asked, ownChannel }: ChosenChannel) {
  return { channel, ...(asked ? { asked } : {}), ...(ownChannel === undefined ? {} : { ownChannel }) };
}

/** The refusal of a send, with another channel by name where one may reach the number. Of a block it says nothing: that would be a way around it. */
export async function suggestInstead(
  deps: FlowDeps,
  what: ChannelsAsked,
  failedChannel: Channel,
  refusal: Refusal,
): Promise<Refusal> {
  const isItsFault = refusal.code === 'destination_refused' || refusal.code === 'delivery_unavailable';
  if (!isItsFault || what.to.channels.length < 2) return refusal;
  const failed = await readFailedChannels(deps, what.subject);
  const { suggestion, troubles, resting } = await channelChoice(deps, { ...what, failed, before: undefined });
  const suggestedChannel = suggestion?.channel;
  if (suggestedChannel === undefined || suggestedChannel === failedChannel) return refusal;
  return troubles.has(failedChannel) || resting.has(failedChannel)
    ? { ...refusal, failedChannel, suggestedChannel }
    : refusal;
}

function remembering(own: Channel | undefined): { readonly ownChannel?: Channel } {
  return own === undefined ? {} : { ownChannel: own };
}

async function stateOf(
  deps: FlowDeps,
  { factor, to, subject }: ChannelsAsked,
  channel: Channel,
  failed: readonly FailedChannel[],
): Promise<ChannelState> {
  const trouble = failed.find((one) => one.channel === channel)?.trouble;
  const known = { channel, ...(trouble === undefined ? {} : { trouble }) };
  const carriers = factor.carriers?.(channel, to.country);
  if (carriers === undefined) return { ...known, isWell: true };
  const lane = laneOf(channel, to);
  const usable = await deps.carriers.usable(lane, carriers, marksOf(deps, { subject, to: to.to }));
  const cost = await costOfFirst(deps, lane, to.to, usable);
  return { ...known, isWell: usable.length > 0, ...(cost === undefined ? {} : { cost }) };
}
