import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TwilioMessagesOptions, twilioMessages } from '../../src/delivery/twilio.js';
import type { Fault } from '../doubles/faults.js';
import { refusal } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { ADA, aJob, OFFICE, patiently, tooLate, within } from './sending.js';

const SERVICE = `MG${'1'.repeat(32)}`;
const TEMPLATE = `HX${'2'.repeat(32)}`;
const SENT = { sent: 'yes', ref: expect.stringMatching(/^SM[0-9a-f]{32}$/), codeOwner: 'ours' };

describe('Twilio Messages', () => {
  let twilio: TwilioDouble;

  beforeEach(async () => {
    twilio = await twilioDouble({ landlines: ['+12025550199'] });
  });
  afterEach(() => twilio.close());

  const delivery = (options: Partial<TwilioMessagesOptions> = { from: OFFICE }) =>
    twilioMessages({ client: twilio.client(), ...options });
  const whatWasAsked = () => twilio.exchanges.at(-1)?.form;

  it('carries our text by sms, for as long as the code works', async () => {
    expect(await delivery().send(aJob(), patiently())).toEqual(SENT);
    expect(whatWasAsked()).toEqual({ To: ADA, From: OFFICE, Body: aJob().text, ValidityPeriod: '300' });
    expect(twilio.codeFor(ADA)).toBe('048291');
  });

  it.each([
    [999, '1'],
    [299_999, '299'],
    [86_400_000, '36000'],
  ])('asks for a life of a code of %d ms within what Twilio takes', async (ttlMs, seconds) => {
    expect(await delivery().send(aJob({ ttlMs }), patiently())).toEqual(SENT);
    expect(whatWasAsked()).toMatchObject({ ValidityPeriod: seconds });
  });

  it('lets a Messaging Service choose the sender', async () => {
    expect(await delivery({ messagingServiceSid: SERVICE }).send(aJob(), patiently())).toEqual(SENT);
    expect(whatWasAsked()).toMatchObject({ MessagingServiceSid: SERVICE });
    expect(whatWasAsked()).not.toHaveProperty('From');
  });

  it('offers WhatsApp only where it has a sender for it', () => {
    const channels = (options: Partial<TwilioMessagesOptions>) =>
      delivery(options).offers.map(({ channel }) => channel);
    expect(channels({ from: OFFICE })).toEqual(['sms']);
    expect(channels({ from: OFFICE, whatsappFrom: OFFICE })).toEqual(['sms', 'whatsapp']);
    expect(channels({ whatsappFrom: OFFICE })).toEqual(['whatsapp']);
    expect(channels({ messagingServiceSid: SERVICE, whatsappContentSid: TEMPLATE })).toEqual(['sms', 'whatsapp']);
  });

  it.each([OFFICE, `whatsapp:${OFFICE}`])('addresses both ends of a WhatsApp message from %s', async (whatsappFrom) => {
    const result = await delivery({ whatsappFrom }).send(aJob({ channel: 'whatsapp' }), patiently());
    expect(result).toEqual(SENT);
    expect(whatWasAsked()).toMatchObject({ To: `whatsapp:${ADA}`, From: `whatsapp:${OFFICE}`, Body: aJob().text });
    expect(twilio.sent).toMatchObject([{ channel: 'whatsapp', to: ADA, code: '048291' }]);
  });

  it('puts the code into the WhatsApp template, and sends no text of ours along', async () => {
    const options = { whatsappFrom: OFFICE, whatsappContentSid: TEMPLATE };
    expect(await delivery(options).send(aJob({ channel: 'whatsapp' }), patiently())).toEqual(SENT);
    expect(whatWasAsked()).toMatchObject({ ContentSid: TEMPLATE, ContentVariables: '{"1":"048291"}' });
    expect(whatWasAsked()).not.toHaveProperty('Body');
    expect(twilio.codeFor(ADA)).toBe('048291');
  });

  it('asks Twilio to keep neither text nor number only where the host says that the account can', async () => {
    await delivery().send(aJob(), patiently());
    expect(whatWasAsked()).not.toHaveProperty('ContentRetention');
    expect(await delivery({ from: OFFICE, redact: true }).send(aJob(), patiently())).toEqual(SENT);
    expect(whatWasAsked()).toMatchObject({ ContentRetention: 'discard', AddressRetention: 'obfuscate' });
  });

  it('tells which codes were answered, where the host asks for it', async () => {
    expect(delivery().confirm).toBeUndefined();
    const telling = delivery({ from: OFFICE, feedback: true });
    const sent = await telling.send(aJob(), patiently());
    expect(whatWasAsked()).toMatchObject({ ProvideFeedback: 'true' });
    const ref = sent.sent === 'yes' ? sent.ref : '';
    await telling.confirm?.(ref, patiently());
    expect(twilio.exchanges.at(-1)).toMatchObject({
      path: expect.stringMatching(new RegExp(`/Messages/${ref}/Feedback\\.json$`)),
      form: { Outcome: 'confirmed' },
      reply: { status: 200 },
    });
    await telling.confirm?.('../Calls', patiently());
    twilio.fault({ html: 503 });
    await expect(telling.confirm?.(ref, patiently())).resolves.toBeUndefined();
    expect(twilio.exchanges).toHaveLength(3);
  });

  it('names the address for status reports', async () => {
    const statusCallback = 'https://acme.example/twilio/status';
    await delivery({ from: OFFICE, statusCallback }).send(aJob(), patiently());
    expect(whatWasAsked()).toMatchObject({ StatusCallback: statusCallback });
  });

  it('says that a landline takes no text', async () => {
    const result = await delivery().send(aJob({ to: '+12025550199' }), patiently());
    expect(result).toEqual({ sent: 'no', why: 'landline', detail: { status: 400, code: '21635' } });
  });

  it.each([
    [
      { status: 'failed', error_code: 30007 },
      { sent: 'no', why: 'filtered', detail: { code: '30007' } },
    ],
    [
      { status: 'undelivered', error_code: 99999 },
      { sent: 'no', why: 'unreachable', detail: { code: '99999' } },
    ],
    [
      { status: 'failed', error_code: null },
      { sent: 'no', why: 'unreachable' },
    ],
    [
      { status: 'queued', error_code: null, sid: null },
      { sent: 'unknown', why: 'unavailable' },
    ],
  ])('reads the message %j', async (changes, expected) => {
    twilio.fault({ reply: { status: 201, body: { sid: `SM${'a'.repeat(32)}`, to: ADA, ...changes } } });
    expect(await delivery().send(aJob(), patiently())).toEqual(expected);
  });

  it.each([
    ['a channel it does not offer', { channel: 'voice' }, patiently(), { sent: 'no', why: 'channel_unavailable' }],
    ['no text', { text: '' }, patiently(), { sent: 'no', why: 'config' }],
    ['no code', { code: '' }, patiently(), { sent: 'no', why: 'config' }],
    ['no time left', {}, tooLate(), { sent: 'no', why: 'timeout' }],
  ] as const)('asks nothing of Twilio with %s', async (_what, changes, context, expected) => {
    expect(await delivery().send(aJob(changes), context)).toEqual(expected);
    expect(twilio.exchanges).toEqual([]);
  });

  describe('when something is wrong on the way', () => {
    it.each<[string, Fault, object, number]>([
      ['the person opted out', { reply: refusal(400, 21610, ADA) }, { sent: 'no', why: 'opted_out' }, 0],
      ['the country is off', { reply: refusal(400, 21408, ADA) }, { sent: 'no', why: 'blocked' }, 0],
      ['the account is over its rate', { reply: refusal(429, 20429, 'x') }, { sent: 'no', why: 'rate_limited' }, 0],
      ['a gateway answers', { html: 503 }, { sent: 'unknown', why: 'unavailable' }, 0],
      ['a gateway loses the answer', { html: 502, after: true }, { sent: 'unknown', why: 'unavailable' }, 1],
      ['the connection breaks before the work', { reset: true }, { sent: 'unknown', why: 'unavailable' }, 0],
      ['the connection breaks after it', { reset: true, after: true }, { sent: 'unknown', why: 'unavailable' }, 1],
      ['no answer comes', { hang: true }, { sent: 'unknown', why: 'timeout' }, 0],
      ['the answer is lost', { hang: true, after: true }, { sent: 'unknown', why: 'timeout' }, 1],
    ])('%s: one request, what is known of it, and nothing that was in it', async (_what, fault, expected, arrived) => {
      twilio.fault({ ...fault, times: 5 });
      // Only a call that nobody answers has to be given up.
      const result = await delivery().send(aJob(), 'hang' in fault || 'slowMs' in fault ? within(100) : patiently());
      expect(result).toMatchObject(expected);
      expect(twilio.exchanges).toHaveLength(1);
      expect(twilio.sent).toHaveLength(arrived);
      const seen = inspect(result, { depth: null, showHidden: true }) + JSON.stringify(result);
      for (const secret of [twilio.authToken, twilio.accountSid, ADA, '048291', 'Acme']) {
        expect(seen).not.toContain(secret);
      }
    });
  });

  describe('set-up', () => {
    it.each<[object, RegExp]>([
      [{}, /who sends\?/],
      [{ from: OFFICE, messagingServiceSid: SERVICE }, /not both/],
      [{ from: '' }, /E\.164 number, a short code/],
      [{ from: 'Acme International' }, /at most 11/],
      [{ messagingServiceSid: 'AC1' }, /MG and 32/],
      [{ whatsappFrom: 'Acme' }, /WhatsApp sender/],
      [{ from: OFFICE, whatsappContentSid: TEMPLATE }, /needs a sender too/],
      [{ from: OFFICE, whatsappContentSid: 'welcome' }, /HX and 32/],
      [{ from: OFFICE, statusCallback: '/twilio/status' }, /absolute URL/],
      [{ form: OFFICE }, /`form` is not an option. Did you mean `from`/],
    ])('gives advice about %j', (options, advice) => {
      expect(() => delivery(options)).toThrow(
        expect.objectContaining({ code: 'set_up', message: expect.stringMatching(advice) }),
      );
    });

    it.each(['Acme', 'Acme 2FA', '12345', OFFICE])('takes %s as a sender', (from) => {
      expect(delivery({ from }).offers).toHaveLength(1);
    });
  });
});
