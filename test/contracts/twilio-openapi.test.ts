import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Twilio from 'twilio';
import type { Delivery } from '../../src/core/delivery.js';
import { twilioCalls, twilioMessages, twilioVerify } from '../../src/delivery/twilio.js';
import { aJob, GRACE, OFFICE, patiently } from '../delivery/sending.js';
import type { Exchange } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { type OpenApi, openApi, specsFolder } from './openapi.js';

const folder = specsFolder();
if (folder === undefined) {
  console.warn(
    [
      'SKIPPED: test/contracts/twilio-openapi.test.ts',
      'Twilio’s OpenAPI documents are not here. They are kept beside the repository, in ../shared/specs;',
      'or set EXPRESS_MFA_SPECS to the folder that holds them.',
    ].join('\n'),
  );
}

(folder === undefined ? describe.skip : describe)('Twilio’s own documents', () => {
  let twilio: TwilioDouble;
  let verify: OpenApi;
  let api: OpenApi;
  const documentOf = ({ path }: Exchange) => (path.startsWith('/v2/') ? verify : api);

  beforeAll(async () => {
    verify = openApi('twilio_verify_v2.prism.json');
    api = openApi('twilio_api_v2010.messages-calls.json');
    twilio = await twilioDouble();
    const client = twilio.client();
    const service = twilioVerify({ client, serviceSid: twilio.serviceSid });
    await useVerifier(service);
    const messagingServiceSid = `MG${'1'.repeat(32)}`;
    const whatsappContentSid = `HX${'2'.repeat(32)}`;
    const statusCallback = 'https://acme.example/twilio/status';
    await useCarrier(twilioMessages({ client, from: OFFICE, whatsappFrom: OFFICE, statusCallback }));
    await useCarrier(twilioMessages({ client, messagingServiceSid, whatsappContentSid, redact: true }));
    const telling = twilioMessages({ client, from: OFFICE, feedback: true });
    const text = await telling.send(aJob(), patiently());
    await telling.confirm?.(text.sent === 'yes' ? text.ref : '', patiently());
    await useCarrier(twilioCalls({ client, from: OFFICE }));
  });
  afterAll(() => twilio.close());

  async function useVerifier(delivery: Delivery): Promise<void> {
    for (let i = 0; i < 2; i += 1) {
      for (const { channel } of delivery.offers) await delivery.send(aJob({ channel, locale: 'de-AT' }), patiently());
    }
    for (const code of ['000000', twilio.codeFor(aJob().to) ?? '']) {
      const ref = newestVerification();
      await delivery.check?.({ ref, to: aJob().to, code }, patiently());
    }
    await delivery.send(aJob({ to: GRACE }), patiently());
    await delivery.cancel?.(newestVerification(), patiently());
  }

  async function useCarrier(delivery: Delivery): Promise<void> {
    for (const { channel } of delivery.offers) await delivery.send(aJob({ channel, locale: 'de-AT' }), patiently());
  }

  function newestVerification(): string {
    const bodies = twilio.exchanges.map(({ reply }) => reply?.body as { sid?: string } | undefined);
    return bodies.findLast((body) => body?.sid?.startsWith('VE'))?.sid ?? '';
  }

  it('know every request that was made, the sixth send of a verification included', () => {
    const made = twilio.exchanges.map(({ path, reply }) => `${path.split('/').slice(4, 5)} ${reply?.status}`);
    expect(made).toHaveLength(17);
    expect(made).toContain('Verifications 429');
    for (const exchange of twilio.exchanges) expect(documentOf(exchange).knows(exchange)).toBe(true);
  });

  it('allow each field of each request', () => {
    for (const exchange of twilio.exchanges) {
      expect({ path: exchange.path, errors: documentOf(exchange).errorsOfRequest(exchange) }).toMatchObject({
        errors: [],
      });
    }
  });

  it('allow each answer of the double, so what is read here is what Twilio writes', () => {
    for (const exchange of twilio.exchanges) {
      expect({ path: exchange.path, errors: documentOf(exchange).errorsOfReply(exchange) }).toMatchObject({
        errors: [],
      });
    }
  });

  describe('can say no', () => {
    const find = (path: RegExp) => {
      const exchange = twilio.exchanges.find((one) => path.test(one.path));
      if (exchange === undefined) throw new Error(`nothing was asked of ${path}`);
      return exchange;
    };

    it.each<[string, RegExp, Record<string, string>]>([
      ['a field that is not there', /Verifications$/, { Chanel: 'sms' }],
      ['a word for a yes or no', /Verifications$/, { EnableSnaClientToken: 'perhaps' }],
      ['a validity that is no number', /Messages\.json$/, { ValidityPeriod: 'five minutes' }],
      ['another kind of SID', /Messages\.json$/, { MessagingServiceSid: `VA${'1'.repeat(32)}` }],
      ['a retention nobody knows', /Messages\.json$/, { ContentRetention: 'forget' }],
      ['an address that is no URL', /Calls\.json$/, { Url: 'call me' }],
    ])('to %s', (_what, path, changes) => {
      const exchange = find(path);
      const changed = { ...exchange, form: { ...exchange.form, ...changes } };
      expect(documentOf(exchange).errorsOfRequest(changed)).not.toEqual([]);
    });

    it.each(['To', 'Channel'])('to a verification without %s', (field) => {
      const exchange = find(/Verifications$/);
      const { [field]: _left, ...form } = exchange.form;
      expect(verify.errorsOfRequest({ ...exchange, form })).not.toEqual([]);
    });

    it.each<[string, RegExp, object]>([
      ['a reference of another kind', /Verifications$/, { sid: `SM${'a'.repeat(32)}` }],
      ['a `valid` that is text', /VerificationCheck$/, { valid: 'true' }],
      ['a channel nobody knows', /Verifications$/, { channel: 'pigeon' }],
      ['a date in another form', /VerificationCheck$/, { date_created: 'Fri, 20 Nov 2026 10:00:00 +0000' }],
      ['a status nobody knows', /Messages\.json$/, { status: 'posted' }],
      ['an error code that is text', /Messages\.json$/, { error_code: 'none' }],
      ['a date in another form', /Messages\.json$/, { date_created: '2026-11-20T10:00:00Z' }],
      ['a duration that is a number', /Calls\.json$/, { duration: 15 }],
    ])('to an answer with %s', (_what, path, changes) => {
      const exchange = find(path);
      const body = { ...(exchange.reply?.body as object), ...changes };
      const reply = { status: exchange.reply?.status ?? 0, body };
      expect(documentOf(exchange).errorsOfReply({ ...exchange, reply })).not.toEqual([]);
    });
  });
});

describe('Twilio’s own SDK, at the same double', () => {
  let twilio: TwilioDouble;
  let clock: number;
  beforeAll(async () => {
    clock = Date.UTC(2026, 10, 21);
    twilio = await twilioDouble({ now: () => clock });
  });
  afterAll(() => twilio.close());

  const service = () => twilio.client().verify.v2.services(twilio.serviceSid);
  const refused = async (asked: Promise<unknown>) => {
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Twilio.RestException);
    const { status, code } = error as { status: number; code: number };
    return [status, code];
  };

  it('sends, checks wrongly and rightly, and finds nothing left', async () => {
    const made = await service().verifications.create({ to: GRACE, channel: 'sms' });
    expect([made.status, made.valid, made.sendCodeAttempts]).toMatchObject(['pending', false, [{ channel: 'sms' }]]);
    expect(made.dateCreated).toEqual(new Date(clock));
    const check = (code: string) => service().verificationChecks.create({ verificationSid: made.sid, code });
    const code = twilio.codeFor(GRACE) ?? '';
    const wrong = await check(code === '111111' ? '222222' : '111111');
    expect([wrong.sid, wrong.status, wrong.valid]).toEqual([made.sid, 'pending', false]);
    const right = await check(code);
    expect([right.status, right.valid, right.to]).toEqual(['approved', true, GRACE]);
    expect(await refused(check(code))).toEqual([404, 20404]);
  });

  it('is out of sends at the sixth, and out of checks too', async () => {
    const to = '+12025550151';
    const send = () => service().verifications.create({ to, channel: 'sms' });
    const sids = new Set<string>();
    for (let times = 0; times < 5; times += 1) sids.add((await send()).sid);
    expect(sids.size).toBe(1);
    expect(await refused(send())).toEqual([429, 60203]);
    const check = () => service().verificationChecks.create({ to, code: '9999' });
    for (let times = 0; times < 5; times += 1) expect((await check()).status).toBe('pending');
    expect(await refused(check())).toEqual([429, 60202]);
    expect(await refused(check())).toEqual([404, 20404]);
  });

  it('takes a code of the host’s own, and hears what became of it', async () => {
    const to = '+12025550152';
    const made = await service().verifications.create({ to, channel: 'sms', customCode: '048151' });
    expect(twilio.codeFor(to)).toBe('048151');
    const told = await service().verifications(made.sid).update({ status: 'approved' });
    expect([told.sid, told.status]).toEqual([made.sid, 'approved']);
    const ours = twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid, customCode: true });
    const sent = await ours.send(aJob({ to, code: '048152' }), patiently());
    await ours.confirm?.(sent.sent === 'yes' ? sent.ref : '', patiently());
    expect(twilio.exchanges.at(-1)?.form).toEqual({ Status: 'approved' });
    expect(twilio.codeFor(to)).toBe('048152');
  });

  it('sends texts and calls, and reads what is answered', async () => {
    const client = twilio.client();
    const text = await client.messages.create({ to: GRACE, from: OFFICE, body: '048151' });
    expect([text.status, text.errorCode, text.to]).toEqual(['queued', null, GRACE]);
    const call = await client.calls.create({
      to: GRACE,
      from: OFFICE,
      twiml: '<?xml version="1.0" encoding="UTF-8"?><Response><Say>0, 4, 8, 1</Say></Response>',
    });
    expect([call.status, call.direction]).toEqual(['queued', 'outbound-api']);
    expect(await refused(client.messages.create({ to: '+0', from: OFFICE, body: 'x' }))).toEqual([400, 21211]);
    expect(
      await refused(twilio.client({ authToken: 'no' }).messages.create({ to: GRACE, from: OFFICE, body: 'x' })),
    ).toEqual([401, 20003]);
  });

  it('finds a verification of ours gone after ten minutes, as we do', async () => {
    const to = '+12025550153';
    const ours = twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid });
    const sent = await ours.send(aJob({ to }), patiently());
    const ref = sent.sent === 'yes' ? sent.ref : '';
    clock += 600_000;
    const code = twilio.codeFor(to) ?? '';
    expect(await refused(service().verificationChecks.create({ verificationSid: ref, code }))).toEqual([404, 20404]);
    expect(await ours.check?.({ ref, to, code }, patiently())).toEqual({ verdict: 'gone' });
  });
});
