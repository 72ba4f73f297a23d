/** Prices, success, the line, what failed and who rests: which channel is suggested. */
import { describe, expect, it } from '@jest/globals';
import type { Channel, FailureClass } from '../../src/core/delivery.js';
import { costPerSuccess } from '../../src/policy/carrier-order.js';
import { type ChannelState, openToChoice, suggestChannel, troubleOf } from '../../src/policy/channel-order.js';

/** A price in cents, and how many of a hundred codes were answered. */
function state(channel: Channel, changes: Partial<ChannelState> & { cents?: number; right?: number } = {}) {
  const { cents, right = 70, ...rest } = changes;
  const perSend = (cents ?? 0) * 10_000;
  const cost = costPerSuccess({ cost: { perSend, perSuccess: 0 }, record: { sends: 1_000, right: right * 10 } });
  return { channel, isWell: true, ...(cents === undefined ? {} : { cost }), ...rest };
}

const sms = (changes = {}) => state('sms', changes);
const call = (changes = {}) => state('voice', changes);
const whatsapp = (changes = {}) => state('whatsapp', changes);
const ring = (changes = {}) => state('flash-call', changes);
const lost = { trouble: 'undelivered' };
const line = { trouble: 'landline' };
const resting = { isWell: false };

describe('the suggested channel', () => {
  it.each<[string, ChannelState[], Channel, string]>([
    ['is the cheapest', [sms({ cents: 5 }), whatsapp({ cents: 2 })], 'whatsapp', 'cost'],
    ['is not the cheap one that nobody answers', [sms({ cents: 5 }), whatsapp({ cents: 2, right: 10 })], 'sms', 'cost'],
    ['is the cheap one as long as it is answered enough', [sms({ cents: 5 }), whatsapp({ cents: 2, right: 40 })], 'whatsapp', 'cost'],
    ['of equals is the first', [sms({ cents: 5 }), whatsapp({ cents: 5 })], 'sms', 'cost'],
    ['is what has a price before what has none', [whatsapp(), sms({ cents: 90 })], 'sms', 'cost'],
    ['is never a missed call for its price', [ring({ cents: 0 }), sms({ cents: 5 })], 'sms', 'cost'],
    ['is a missed call where nothing else is left', [ring({ cents: 0 }), sms({ cents: 5, ...resting })], 'flash-call', 'only'],
    ['is another than the one that rests', [sms({ cents: 1, ...resting }), call({ cents: 9 })], 'voice', 'only'],
    ['is another than the one that failed', [sms({ cents: 1, ...lost }), call({ cents: 9 }), whatsapp({ cents: 5 })], 'whatsapp', 'cost'],
    ['is the call, to a landline', [sms({ cents: 1, ...line }), call({ cents: 9 })], 'voice', 'only'],
    ['is what failed lately before what nobody brings', [sms({ cents: 1, ...lost }), call({ cents: 9, ...resting })], 'sms', 'only'],
    ['is something where all of it rests', [sms({ cents: 5, ...resting }), call({ cents: 2, ...resting })], 'voice', 'cost'],
    ['is the only one there is', [call({ cents: 9, ...resting, ...lost })], 'voice', 'only'],
    ['is a landline’s text where there is nothing else', [sms({ cents: 1, ...line })], 'sms', 'only'],
  ])('%s', (_, states, channel, why) => {
    expect(suggestChannel(states, { order: 'cost' })).toEqual({ channel, why });
  }); // biome-ignore format: a table

  it.each<[string, ChannelState[], Channel, string]>([
    ['is the first, whatever it costs', [sms({ cents: 9 }), whatsapp({ cents: 1 })], 'sms', 'given'],
    ['is a missed call that the operator put first', [ring(), sms()], 'flash-call', 'given'],
    ['is the next where the first rests', [sms(resting), whatsapp(), call()], 'whatsapp', 'given'],
    ['is the next where the first failed', [sms(lost), whatsapp(), call()], 'whatsapp', 'given'],
  ])('in the given order %s', (_, states, channel, why) => {
    expect(suggestChannel(states, { order: 'given' })).toEqual({ channel, why });
  });

  const two = [sms({ cents: 1 }), call({ cents: 9 })];
  it.each<[string, ChannelState[], { same?: Channel; remembered?: Channel }, Channel, string]>([
    ['is what the person asked for the last time', two, { remembered: 'voice' }, 'voice', 'remembered'],
    ['stays the same for the next code', two, { same: 'voice' }, 'voice', 'same'],
    ['stays the same, whatever was asked for the last time', two, { same: 'sms', remembered: 'voice' }, 'sms', 'same'],
    ['changes where it failed', [sms({ cents: 1 }), call({ cents: 9, ...lost })], { same: 'voice' }, 'sms', 'only'],
    [
      'changes where it rests',
      [sms({ cents: 1 }), call({ cents: 9, ...resting })],
      { remembered: 'voice' },
      'sms',
      'only',
    ],
    [
      'is not what policy or the line has taken away',
      [sms()],
      { same: 'voice', remembered: 'whatsapp' },
      'sms',
      'only',
    ],
    [
      'goes back to what was asked for where the same failed',
      [sms(lost), call(), whatsapp()],
      { same: 'sms', remembered: 'whatsapp' },
      'whatsapp',
      'remembered',
    ],
  ])('%s', (_, states, before, channel, why) => {
    expect(suggestChannel(states, { order: 'cost', ...before })).toEqual({ channel, why });
  });

  it('is none where there is no channel', () => {
    expect(suggestChannel([], { order: 'cost' })).toBeUndefined();
  });
});

describe('what the person may choose', () => {
  it('is all but what the number does not take', () => {
    const open = (...states: ChannelState[]) => openToChoice(states).map(({ channel }) => channel);
    expect(open(sms(line), call(), whatsapp(lost), ring(resting))).toEqual(['voice', 'whatsapp', 'flash-call']);
    expect(open(sms(line))).toEqual(['sms']);
    expect(open()).toEqual([]);
  });
});

describe('a failed send', () => {
  it.each<[FailureClass, 'landline' | 'undelivered' | undefined]>([
    ['landline', 'landline'],
    ['filtered', 'undelivered'],
    ['unreachable', 'undelivered'],
    ['blocked', undefined],
    ['opted_out', undefined],
    ['invalid_destination', undefined],
    ['rate_limited', undefined],
    ['resend_limit', undefined],
    ['spend_limit', undefined],
    ['channel_unavailable', undefined],
    ['config', undefined],
    ['auth', undefined],
    ['unavailable', undefined],
    ['timeout', undefined],
  ])('%s says of the channel: %s', (why, trouble) => {
    expect(troubleOf(why)).toBe(trouble);
  });
});
