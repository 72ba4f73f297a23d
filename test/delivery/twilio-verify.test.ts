import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery, SendResult } from '../../src/core/delivery.js';
import { twilioVerify } from '../../src/delivery/twilio.js';
import type { Fault } from '../doubles/faults.js';
import { notFound, problem, refusal } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { ADA, aJob, GRACE, patiently, tooLate, within } from './sending.js';

const MINUTE = 60_000;

describe('Twilio Verify', () => {
  let clock: number;
  let twilio: TwilioDouble;
  let delivery: Delivery;

  beforeEach(async () => {
    clock = Date.UTC(2026, 10, 21);
    twilio = await twilioDouble({ now: () => clock, landlines: ['+12025550199'] });
    delivery = twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid });
  });
  afterEach(() => twilio.close());

  const send = (changes: Parameters<typeof aJob>[0] = {}) => delivery.send(aJob(changes), patiently());
  const check = (ref: string, code: string, to = ADA) => checks(delivery)({ ref, to, code }, patiently());
  const codeFor = (to = ADA) => twilio.codeFor(to) ?? '';
  const wrongCode = () => (codeFor() === '111111' ? '222222' : '111111');

  describe('with codes of ours', () => {
    const ours = () => twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid, customCode: true });
    const sendOurs = (code: string) => ours().send(aJob({ code }), patiently());

    it('brings our code, and leaves the check to us', async () => {
      expect(ours().offers).toContainEqual({ channel: 'sms', code: 'ours' });
      expect(ours().check).toBeUndefined();
      const result = await sendOurs('048151');
      expect(result).toEqual({ sent: 'yes', ref: expect.stringMatching(/^VE[0-9a-f]{32}$/), codeOwner: 'ours' });
      expect(twilio.sent.map(({ code }) => code)).toEqual(['048151']);
    });

    it('brings the new code on a resend, where a live verification would bring the old one', async () => {
      await sendOurs('048151');
      await sendOurs('623420');
      expect(twilio.sent.map(({ code }) => code)).toEqual(['048151', '623420']);
    });

    it('sends nothing where it cannot be sure of that', async () => {
      twilio.fault({ reply: { status: 503, body: {} } });
      expect(await sendOurs('048151')).toMatchObject({ sent: 'no', why: 'unavailable' });
      expect(twilio.sent).toEqual([]);
    });

    it('tells Twilio that the code was answered, so that the route is not taken for a bad one', async () => {
      const ref = refOf(await sendOurs('048151'));
      await ours().confirm?.(ref, patiently());
      expect(twilio.exchanges.at(-1)?.form).toEqual({ Status: 'approved' });
      await expect(ours().confirm?.('no-such-reference', patiently())).resolves.toBeUndefined();
    });

    it('is not asked for without a code', async () => {
      const { code: _, ...job } = aJob({ code: '1' });
      expect(await ours().send(job, patiently())).toEqual({ sent: 'no', why: 'config' });
    });

    it('is switched on by a yes, and not by a word', () => {
      const given = { client: twilio.client(), serviceSid: twilio.serviceSid, customCode: 'yes' };
      expect(() => twilioVerify(given as never)).toThrow(/`customCode` is true or false/);
    });
  });

  describe('sending', () => {
    it('offers sms, voice and whatsapp, with codes that are Twilio’s', () => {
      expect(delivery).toMatchObject({
        name: 'twilio-verify',
        offers: [
          { channel: 'sms', code: 'theirs' },
          { channel: 'voice', code: 'theirs' },
          { channel: 'whatsapp', code: 'theirs' },
        ],
      });
    });

    it.each([
      ['sms', 'sms'],
      ['voice', 'call'],
      ['whatsapp', 'whatsapp'],
    ] as const)('sends over %s as Twilio’s channel %s, and nothing else goes along', async (channel, theirs) => {
      const result = await send({ channel });
      expect(result).toEqual({ sent: 'yes', ref: expect.stringMatching(/^VE[0-9a-f]{32}$/), codeOwner: 'theirs' });
      expect(twilio.exchanges.map(({ form }) => form)).toEqual([{ To: ADA, Channel: theirs }]);
    });

    it.each([
      ['de-DE', 'de'],
      ['pt-br', 'pt-BR'],
      ['en-GB', 'en-GB'],
      ['zh-TW', 'zh-HK'],
      ['zh-Hant-MO', 'zh-HK'],
      ['zh-Hans-CN', 'zh'],
      ['zh-SG', 'zh'],
      ['xx', undefined],
    ])('turns the locale %s into %s, as Twilio refuses a send in a locale it does not know', async (locale, theirs) => {
      expect(await send({ locale })).toMatchObject({ sent: 'yes' });
      expect(twilio.exchanges[0]?.form.Locale).toBe(theirs);
    });

    it('brings the same code under the same reference when it is sent again', async () => {
      const first = refOf(await send());
      const code = codeFor();
      expect(refOf(await send({ resendOf: first, channel: 'voice' }))).toBe(first);
      expect(codeFor()).toBe(code);
      expect(twilio.sent.map(({ channel }) => channel)).toEqual(['sms', 'call']);
    });

    it('gives the new reference when the earlier code has expired', async () => {
      const first = refOf(await send());
      clock += 11 * MINUTE;
      const second = refOf(await send({ resendOf: first }));
      expect(second).not.toBe(first);
      expect(await check(second, codeFor())).toEqual({ verdict: 'correct' });
    });

    it('says that the sixth send is over the limit', async () => {
      for (let i = 0; i < 5; i += 1) await send();
      const detail = { status: 429, code: '60203' };
      expect(await send()).toEqual({ sent: 'no', why: 'resend_limit', detail });
      expect(twilio.sent).toHaveLength(5);
    });

    it('says that a landline takes no text, and that it can be called', async () => {
      const landline = '+12025550199';
      expect(await send({ to: landline })).toMatchObject({ sent: 'no', why: 'landline' });
      expect(await send({ to: landline, channel: 'voice' })).toMatchObject({ sent: 'yes' });
    });

    it('calls a number that Twilio cannot read an invalid destination', async () => {
      expect(await send({ to: '+0' })).toMatchObject({ sent: 'no', why: 'invalid_destination' });
    });

    it('refuses a channel it was not given, without asking Twilio', async () => {
      delivery = twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid, channels: ['sms'] });
      expect(await send({ channel: 'voice' })).toEqual({ sent: 'no', why: 'channel_unavailable' });
      expect(twilio.exchanges).toEqual([]);
    });

    it('does not ask Twilio when the time is up already', async () => {
      expect(await delivery.send(aJob(), tooLate())).toEqual({ sent: 'no', why: 'timeout' });
      expect(twilio.exchanges).toEqual([]);
    });

    it.each([
      ['another number', { to: GRACE }],
      ['another service', { service_sid: `VA${'0'.repeat(32)}` }],
      ['no reference', { sid: null }],
    ])('does not trust an answer that is about %s', async (_what, changes) => {
      const body = {
        sid: `VE${'a'.repeat(32)}`,
        service_sid: twilio.serviceSid,
        to: ADA,
        status: 'pending',
        ...changes,
      };
      twilio.fault({ reply: { status: 201, body } });
      expect(await send()).toEqual({ sent: 'unknown', why: 'unavailable' });
    });
  });

  describe('checking', () => {
    it('takes the right code once', async () => {
      const ref = refOf(await send());
      expect(await check(ref, codeFor())).toEqual({ verdict: 'correct' });
      expect(await check(ref, codeFor())).toEqual({ verdict: 'gone' });
    });

    it('asks by reference, never by number', async () => {
      const ref = refOf(await send());
      await check(ref, codeFor());
      expect(twilio.exchanges.at(-1)?.form).toEqual({ VerificationSid: ref, Code: codeFor() });
    });

    it('says that a wrong code is wrong, and five of them end it', async () => {
      const ref = refOf(await send());
      for (let i = 0; i < 5; i += 1) expect(await check(ref, wrongCode())).toEqual({ verdict: 'wrong' });
      expect(await check(ref, codeFor())).toEqual({ verdict: 'gone' });
      expect(await check(ref, codeFor())).toEqual({ verdict: 'gone' });
    });

    it('says that the code is gone after ten minutes', async () => {
      const ref = refOf(await send());
      clock += 10 * MINUTE;
      expect(await check(ref, codeFor())).toEqual({ verdict: 'gone' });
    });

    it('says that the code is gone once it is canceled', async () => {
      const ref = refOf(await send());
      await delivery.cancel?.(ref, patiently());
      expect(await check(ref, codeFor())).toEqual({ verdict: 'gone' });
    });

    it('never takes the code of one number for another', async () => {
      const ref = refOf(await send());
      const verdict = await check(ref, codeFor(), GRACE);
      expect(verdict).toEqual({ verdict: 'error', why: 'unavailable', reached: true });
    });

    it('does not take an answer about another reference or service', async () => {
      const ref = refOf(await send());
      const other = {
        sid: `VE${'b'.repeat(32)}`,
        service_sid: twilio.serviceSid,
        to: ADA,
        status: 'approved',
        valid: true,
      };
      twilio.fault({ reply: { status: 200, body: other } });
      expect(await check(ref, codeFor())).toMatchObject({ verdict: 'error', reached: true });
      twilio.fault({ reply: { status: 200, body: { ...other, sid: ref, service_sid: `VA${'0'.repeat(32)}` } } });
      expect(await check(ref, codeFor())).toMatchObject({ verdict: 'error', reached: true });
    });

    it.each([
      ['pending', true, { verdict: 'wrong' }],
      ['canceled', true, { verdict: 'gone' }],
      ['expired', false, { verdict: 'gone' }],
      ['max_attempts_reached', false, { verdict: 'gone' }],
      ['something new', true, { verdict: 'error', why: 'unavailable', reached: true }],
      [null, true, { verdict: 'error', why: 'unavailable', reached: true }],
    ])('reads the status %s and not the old field `valid`', async (status, valid, verdict) => {
      const ref = refOf(await send());
      twilio.fault({
        reply: { status: 200, body: { sid: ref, service_sid: twilio.serviceSid, to: ADA, status, valid } },
      });
      expect(await check(ref, codeFor())).toEqual(verdict);
    });

    it.each(['', '123', '12345678901', 'abcdef', '12 34'])('knows without asking that "%s" is wrong', async (code) => {
      const ref = refOf(await send());
      expect(await check(ref, code)).toEqual({ verdict: 'wrong' });
      expect(twilio.exchanges).toHaveLength(1);
    });

    it('knows without asking that a reference it never gave is gone', async () => {
      expect(await check('../Services', '123456')).toEqual({ verdict: 'gone' });
      expect(twilio.exchanges).toEqual([]);
    });

    it.each<[string, Fault, boolean]>([
      ['too many requests', { reply: refusal(429, 20429, 'Too many requests') }, false],
      ['wrong credentials', { reply: refusal(401, 20003, 'Authenticate') }, false],
      ['an error of Twilio’s', { reply: refusal(500, 20500, 'Internal error') }, true],
      ['a lost connection', { reset: true }, true],
      ['a gateway’s page', { html: 503 }, true],
    ])('says after %s whether the check may have counted', async (_what, fault, reached) => {
      const ref = refOf(await send());
      twilio.fault(fault);
      expect(await check(ref, codeFor())).toMatchObject({ verdict: 'error', reached });
      expect(twilio.exchanges).toHaveLength(2);
    });

    it('gives up waiting when told to', async () => {
      const ref = refOf(await send());
      twilio.fault({ hang: true });
      const verdict = await checks(delivery)({ ref, to: ADA, code: codeFor() }, within(50));
      expect(verdict).toEqual({ verdict: 'error', why: 'timeout', reached: true });
    });
  });

  describe('canceling', () => {
    it.each<[string, Fault]>([
      ['is gone', { reply: notFound('/') }],
      ['answers with an error', { html: 503 }],
      ['breaks off', { reset: true }],
    ])('stays quiet when the other side %s', async (_what, fault) => {
      const ref = refOf(await send());
      twilio.fault(fault);
      await expect(delivery.cancel?.(ref, patiently())).resolves.toBeUndefined();
    });

    it('waits no longer than it may', async () => {
      const ref = refOf(await send());
      twilio.fault({ hang: true });
      await expect(delivery.cancel?.(ref, within(50))).resolves.toBeUndefined();
    });
  });

  describe('when something is wrong on the way', () => {
    const faults: [string, Fault, object][] = [
      ['the account is over its rate', { reply: refusal(429, 20429, 'x') }, { sent: 'no', why: 'rate_limited' }],
      ['the number is out of sends', { reply: refusal(429, 60203, 'x') }, { sent: 'no', why: 'resend_limit' }],
      ['the prefix is blocked', { reply: problem(403, 60410, `blocked ${ADA}`) }, { sent: 'no', why: 'blocked' }],
      ['Twilio fails', { reply: refusal(500, 20500, 'x') }, { sent: 'unknown', why: 'unavailable' }],
      ['a gateway answers', { html: 503 }, { sent: 'unknown', why: 'unavailable' }],
      ['a gateway answers 200', { html: 200 }, { sent: 'unknown', why: 'unavailable' }],
      ['the connection breaks before the work', { reset: true }, { sent: 'unknown', why: 'unavailable' }],
      ['the connection breaks after the work', { reset: true, after: true }, { sent: 'unknown', why: 'unavailable' }],
      ['half an answer comes', { cut: true, after: true }, { sent: 'unknown', why: 'unavailable' }],
      ['no answer comes', { hang: true }, { sent: 'unknown', why: 'timeout' }],
      ['the answer comes too late', { slowMs: 300 }, { sent: 'unknown', why: 'timeout' }],
    ];

    it.each(faults)('%s: one request, and what is known of it', async (_what, fault, expected) => {
      twilio.fault({ ...fault, times: 5 });
      // Only a call that nobody answers has to be given up.
      expect(
        await delivery.send(aJob(), 'hang' in fault || 'slowMs' in fault ? within(100) : patiently()),
      ).toMatchObject(expected);
      expect(twilio.exchanges).toHaveLength(1);
    });

    it.each(faults)('%s: nothing of the request or the answer comes out', async (_what, fault) => {
      const ref = refOf(await send());
      const secrets = [twilio.authToken, twilio.accountSid, ADA, ADA.slice(1), codeFor(), 'Basic ', 'Gateway'];
      twilio.fault({ ...fault, times: 5 });
      const results = [
        await delivery.send(aJob(), within(100)),
        await checks(delivery)({ ref, to: ADA, code: codeFor() }, within(100)),
      ];
      for (const result of results) expectNothingOf(secrets, result);
    });

    it('knows that nothing was sent when nobody listens at the other end', async () => {
      await twilio.close();
      expect(await send()).toEqual({ sent: 'no', why: 'unavailable', detail: { code: 'ECONNREFUSED' } });
      twilio = await twilioDouble();
    });

    it('knows that nothing was sent with wrong credentials', async () => {
      const client = twilio.client({ authToken: 'not-the-token' });
      delivery = twilioVerify({ client, serviceSid: twilio.serviceSid });
      expect(await send()).toEqual({ sent: 'no', why: 'auth', detail: { status: 401, code: '20003' } });
    });

    it('knows that nothing was sent when the SDK refuses by itself', async () => {
      const client = twilio.client();
      client.password = '';
      delivery = twilioVerify({ client, serviceSid: twilio.serviceSid });
      expect(await send()).toEqual({ sent: 'no', why: 'config' });
    });

    it('calls a service that is not there a mistake of the set-up', async () => {
      delivery = twilioVerify({ client: twilio.client(), serviceSid: `VA${'0'.repeat(32)}` });
      expect(await send()).toMatchObject({ sent: 'no', why: 'config', detail: { code: '20404' } });
    });

    it('leaves no rejection behind when the answer comes after nobody waits', async () => {
      // Jest fails a test that an unhandled rejection falls into; so it waits here for the SDK's own time limit.
      const hasty = twilioVerify({ client: twilio.client({ timeout: 100 }), serviceSid: twilio.serviceSid });
      twilio.fault({ hang: true });
      expect(await hasty.send(aJob(), within(20))).toMatchObject({ why: 'timeout' });
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
  });

  describe('set-up', () => {
    it('refuses what is not a Verify Service, and does not repeat it in full', () => {
      const serviceSid = 'f3a9c2d4e5b60718293a4b5c6d7e8f90';
      const setUp = () => twilioVerify({ client: twilio.client(), serviceSid });
      expect(setUp).toThrow(expect.objectContaining({ code: 'set_up', message: expect.stringMatching(/VA and 32/) }));
      expect(setUp).not.toThrow(serviceSid);
    });

    it.each([
      [{ serviceId: 'VA' }, /`serviceId` is not an option. Did you mean `serviceSid`/],
      [{ channels: [] }, /\['sms', 'voice'\]/],
      [{ channels: ['call'] }, /\['sms', 'voice'\]/],
      [{ channels: ['sms', 'sms'] }, /at most once/],
      [{ client: undefined }, /not a client of the twilio SDK/],
      [{ client: { accountSid: 'AC' } }, /not a client of the twilio SDK/],
    ])('gives advice about %j', (changes, advice) => {
      const options: unknown = { client: twilio.client(), serviceSid: twilio.serviceSid, ...changes };
      const setUp = () => twilioVerify(options as Parameters<typeof twilioVerify>[0]);
      expect(setUp).toThrow(expect.objectContaining({ code: 'set_up', message: expect.stringMatching(advice) }));
    });

    it('refuses a client that repeats requests by itself', () => {
      const client = twilio.client({ autoRetry: true });
      expect(() => twilioVerify({ client, serviceSid: twilio.serviceSid })).toThrow(/autoRetry/);
    });
  });
});

function refOf(result: SendResult): string {
  if (result.sent !== 'yes') throw new Error(`not sent: ${result.why}`);
  return result.ref;
}

function checks(delivery: Delivery): NonNullable<Delivery['check']> {
  if (delivery.check === undefined) throw new Error('this delivery checks nothing');
  return delivery.check;
}

function expectNothingOf(secrets: readonly string[], result: unknown): void {
  const seen = inspect(result, { depth: null, showHidden: true }) + JSON.stringify(result);
  for (const secret of secrets) expect(seen).not.toContain(secret);
}
