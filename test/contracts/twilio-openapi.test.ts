import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
    expect(made).toHaveLength(15);
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
