/** Which channel a code goes by where the person has not asked for one: data in, suggestion out. */
import type { Channel, ChannelReason, FailureClass } from '../core/delivery.js';

/** What a number is known for. `landline`: it does not take the channel at all. `undelivered`: a code did not arrive by it lately. */
export type ChannelTrouble = 'landline' | 'undelivered';

/** One channel that policy allows and the number takes. */
export interface ChannelState {
  readonly channel: Channel;
  /** One of its carriers may be called. */
  readonly isWell: boolean;
  /** Millionths of the currency for one answered code, by the best of those carriers; undefined where nobody asks for the cost. */
  readonly cost?: number;
  readonly trouble?: ChannelTrouble;
}

export interface Suggestion {
  readonly channel: Channel;
  readonly why: Exclude<ChannelReason, 'asked'>;
}

/** What a failed send says of the channel. A block, or a number that is wrong, says nothing of it: another channel would be a way around. */
export function troubleOf(why: FailureClass): ChannelTrouble | undefined {
  if (why === 'landline') return 'landline';
  return why === 'filtered' || why === 'unreachable' ? 'undelivered' : undefined;
}

/** Those the person may choose from. What a number does not take is still there where it is all there is: a carrier may be mistaken. */
export function openToChoice(states: readonly ChannelState[]): readonly ChannelState[] {
  return firstWithAny(
    states.filter(({ trouble }) => trouble !== 'landline'),
    states,
  );
}

/** `states` are in the operator's order. Undefined only where there are none. */
export function suggestChannel(
  states: readonly ChannelState[],
  by: {
    readonly order: 'given' | 'cost';
    /** Of the code that is under way. */
    readonly same?: Channel | undefined;
    readonly remembered?: Channel | undefined;
  },
): Suggestion | undefined {
  const open = openToChoice(states);
  const best = firstWithAny(
    open.filter(({ isWell, trouble }) => isWell && trouble === undefined),
    // What did not arrive may do so by another carrier; what nobody brings does not arrive at all.
    open.filter(({ isWell }) => isWell),
    open,
  );
  const has = (channel: Channel | undefined) => best.some((one) => one.channel === channel);
  if (by.same !== undefined && has(by.same)) return { channel: by.same, why: 'same' };
  if (by.remembered !== undefined && has(by.remembered)) return { channel: by.remembered, why: 'remembered' };
  const [first] = by.order === 'cost' ? best.toSorted(byCost) : best;
  return first && { channel: first.channel, why: best.length > 1 ? by.order : 'only' };
}

/** A missed call is for apps on the phone itself: however cheap, nobody is led to it. */
function byCost(a: ChannelState, b: ChannelState): number {
  const rings = Number(a.channel === 'flash-call') - Number(b.channel === 'flash-call');
  return rings || (a.cost ?? Number.MAX_VALUE) - (b.cost ?? Number.MAX_VALUE);
}

function firstWithAny<T>(...lists: readonly (readonly T[])[]): readonly T[] {
  return lists.find((list) => list.length > 0) ?? [];
}
