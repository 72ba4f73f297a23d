import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery } from '../../src/core/delivery.js';
import { telnyxMessages } from '../../src/delivery/telnyx.js';
import { type TelnyxDouble, telnyxDouble, telnyxRefusal } from '../doubles/telnyx.js';
import { ADA, aJob, OFFICE, patiently, within } from './sending.js';

const PROFILE = '4900017a-e7ff-f4ce-aaaa-5fde2ca10f7e';

describe('Telnyx messages', () => {
  let telnyx: TelnyxDouble;
  let delivery: Delivery;

  beforeEach(async () => {
    telnyx = await telnyxDouble();
    const { apiKey, baseUrl } = telnyx;
    const webhookUrl = 'https://acme.example/mfa-webhooks/telnyx';
    delivery = telnyxMessages({ apiKey, baseUrl, from: OFFICE, messagingProfileId: PROFILE, webhookUrl });
  });
  afterEach(() => telnyx.close());

  it('carry codes of ours, in our words', async () => {
    expect(delivery.offers).toEqual([{ channel: 'sms', code: 'ours' }]);
    expect(await delivery.send(aJob(), patiently())).toEqual({
      sent: 'yes',
      ref: expect.stringMatching(/^[0-9a-f-]{36}$/),
      codeOwner: 'ours',
    });
    expect(telnyx.exchanges[0]?.json).toEqual({
      to: ADA,
      text: '048291 is your Acme code.',
      type: 'SMS',
      from: OFFICE,
      messaging_profile_id: PROFILE,
      webhook_url: 'https://acme.example/mfa-webhooks/telnyx',
    });
  });

  it.each([
    ['sending_failed', '40001', { sent: 'no', why: 'landline', detail: { code: '40001' } }],
    ['delivery_failed', undefined, { sent: 'no', why: 'unreachable' }],
  ])('that are given up at once (%s) were not sent', async (status, code, expected) => {
    const data = {
      id: PROFILE,
      to: [{ phone_number: ADA, status }],
      errors: code === undefined ? [] : [{ code, title: ADA }],
    };
    telnyx.fault({ reply: { status: 200, body: { data } } });
    expect(await delivery.send(aJob(), patiently())).toEqual(expected);
  });

  it('that are refused, cut off or not answered say what is known', async () => {
    telnyx.fault({ reply: telnyxRefusal(400, 40300) });
    telnyx.fault({ cut: true });
    expect(await delivery.send(aJob(), patiently())).toMatchObject({ sent: 'no', why: 'opted_out' });
    expect(await delivery.send(aJob(), patiently())).toMatchObject({ sent: 'unknown', why: 'unavailable' });
    telnyx.fault({ hang: true });
    expect(await delivery.send(aJob(), within(50))).toEqual({ sent: 'unknown', why: 'timeout' });
  });

  it('are not made over another channel, or without a text', async () => {
    expect(await delivery.send(aJob({ channel: 'voice' }), patiently())).toMatchObject({ why: 'channel_unavailable' });
    expect(await delivery.send(aJob({ text: '' }), patiently())).toMatchObject({ sent: 'no', why: 'config' });
    expect(telnyx.exchanges).toEqual([]);
  });
});

describe('set-up mistakes', () => {
  const apiKey = 'KEY0123456789';

  it.each<[string, object, RegExp]>([
    ['no sender', {}, /name the sender/],
    ['a sender that is no number', { from: 'Acme & Sons, Ltd' }, /name the sender/],
    ['a profile that is none', { messagingProfileId: 'mine' }, /name the sender/],
    ['a webhook without https', { from: OFFICE, webhookUrl: 'http://acme.example' }, /`webhookUrl` is not an https/],
    ['a misspelt option', { from: OFFICE, profile: 'x' }, /telnyxMessages: `profile` is not an option/],
  ])('%s', (_name, changes, advice) => {
    expect(() => telnyxMessages({ apiKey, ...changes } as never)).toThrow(advice);
  });
});
