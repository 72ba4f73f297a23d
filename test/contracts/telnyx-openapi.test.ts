import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Telnyx from 'telnyx';
import { telnyxLookup, telnyxMessages, telnyxVerify } from '../../src/delivery/telnyx.js';
import { aJob, GRACE, OFFICE, patiently } from '../delivery/sending.js';
import { type TelnyxDouble, type TelnyxExchange, telnyxDouble } from '../doubles/telnyx.js';
import { type OpenApi, openApi, specsFolder } from './openapi.js';

const folder = specsFolder();
if (folder === undefined) {
  console.warn(
    [
      'SKIPPED: test/contracts/telnyx-openapi.test.ts',
      'Telnyx’ OpenAPI document is not here. It is kept beside the repository, in ../shared/specs;',
      'or set EXPRESS_MFA_SPECS to the folder that holds it.',
    ].join('\n'),
  );
}

let telnyx: TelnyxDouble;
beforeAll(async () => {
  telnyx = await telnyxDouble();
});
afterAll(() => telnyx.close());

async function lineOf(number: string) {
  const { apiKey, baseUrl } = telnyx;
  return await telnyxLookup({ apiKey, baseUrl }).look(number, { ...patiently(), at: 0, wanted: ['line'] });
}

/** Every request we make, once each, and what the double answers. WhatsApp came after this document. */
async function everything(): Promise<readonly TelnyxExchange[]> {
  const { apiKey, baseUrl, verifyProfileId } = telnyx;
  const before = telnyx.exchanges.length;
  const theirs = telnyxVerify({ apiKey, baseUrl, verifyProfileId, channels: ['sms', 'voice', 'flash-call'] });
  for (const channel of ['sms', 'voice', 'flash-call'] as const) {
    const sent = await theirs.send(aJob({ channel }), patiently());
    const code = telnyx.codeFor(aJob().to) ?? '';
    for (const answer of ['00000', code])
      if (sent.sent === 'yes') await theirs.check?.({ ref: sent.ref, to: aJob().to, code: answer }, patiently());
  }
  const ours = telnyxVerify({ apiKey, baseUrl, verifyProfileId, customCode: true });
  const sent = await ours.send(aJob(), patiently());
  if (sent.sent === 'yes') await ours.confirm?.(sent.ref, patiently());
  await ours.send(aJob({ to: '+0' }), patiently());
  const webhookUrl = 'https://acme.example/mfa-webhooks/telnyx';
  await telnyxMessages({ apiKey, baseUrl, from: OFFICE, webhookUrl }).send(aJob(), patiently());
  for (const number of [GRACE, '+0']) await lineOf(number);
  return telnyx.exchanges.slice(before);
}

(folder === undefined ? describe.skip : describe)('Telnyx’ own document', () => {
  let made: readonly TelnyxExchange[];
  let document: OpenApi;

  beforeAll(async () => {
    document = openApi('telnyx_verify-messaging.2025-08.mit.json');
    made = await everything();
  });

  it('knows every request, and allows each of its fields', () => {
    expect(made.length).toBeGreaterThan(10);
    for (const exchange of made) {
      expect([exchange.path, document.knows(exchange)]).toEqual([exchange.path, true]);
      const errors = exchange.method === 'GET' ? document.errorsOfQuery(exchange) : document.errorsOfRequest(exchange);
      expect({ path: exchange.path, errors }).toMatchObject({ errors: [] });
    }
  });

  it('allows each answer of the double, so what is read here is what Telnyx writes', () => {
    expect(made.map(({ reply }) => reply?.status)).toContain(400);
    for (const exchange of made)
      expect({ path: exchange.path, errors: document.errorsOfReply(exchange) }).toMatchObject({ errors: [] });
  });

  it('can say no', () => {
    const [first] = made;
    if (!first) throw new Error('nothing was asked');
    const { phone_number: _, ...without } = first.json as Record<string, unknown>;
    expect(document.errorsOfRequest({ ...first, json: without })).not.toEqual([]);
    expect(
      document.errorsOfRequest({ ...first, json: { ...(first.json as object), timeout_secs: 'five' } }),
    ).not.toEqual([]);
    const check = made.find(({ path }) => path.endsWith('verify'));
    if (!check) throw new Error('nothing was checked');
    const reply = { status: 200, body: { data: { phone_number: '+1', response_code: 'perhaps' } } };
    expect(document.errorsOfReply({ ...check, reply })).not.toEqual([]);
    const lookup = { method: 'GET', path: `/number_lookup/${GRACE}?type=line` };
    expect(document.errorsOfQuery(lookup)).not.toEqual([]);
    const strange = { status: 200, body: { data: { carrier: { type: 'satellite' } } } };
    expect(document.errorsOfReply({ ...lookup, reply: strange })).not.toEqual([]);
  });
});

interface Asked {
  phone_number: string;
  verify_profile_id: string;
  timeout_secs: number;
  custom_code: string;
}

interface Wrong {
  readonly apiKey?: string;
  readonly to?: string;
  readonly profile?: string;
}

describe('Telnyx’ own SDK, at the same double', () => {
  const client = () => new Telnyx({ apiKey: telnyx.apiKey, baseURL: telnyx.baseUrl, maxRetries: 0, logLevel: 'off' });

  const theirWords = {
    sms: (body: Asked) => client().verifications.triggerSMS(body),
    voice: (body: Asked) => client().verifications.triggerCall(body),
    whatsapp: (body: Asked) => client().verifications.triggerWhatsappVerification(body),
    'flash-call': ({ custom_code: _, ...body }: Asked) => client().verifications.triggerFlashcall(body),
  };

  it.each(['sms', 'voice', 'whatsapp', 'flash-call'] as const)(
    'asks for %s in the same words as we do',
    async (channel) => {
      const { apiKey, baseUrl, verifyProfileId } = telnyx;
      const customCode = channel !== 'flash-call';
      const ours = telnyxVerify({ apiKey, baseUrl, verifyProfileId, channels: [channel], customCode });
      expect(await ours.send(aJob({ channel, code: '048151' }), patiently())).toMatchObject({ sent: 'yes' });
      const mine = telnyx.exchanges.at(-1);
      const { data } = await theirWords[channel]({
        phone_number: aJob().to,
        verify_profile_id: verifyProfileId,
        timeout_secs: 300,
        custom_code: '048151',
      });
      const theirs = telnyx.exchanges.at(-1);
      expect(mine).toMatchObject({ method: theirs?.method, path: theirs?.path, json: theirs?.json as object });
      expect(Object.keys(mine?.json as object).sort()).toEqual(Object.keys(theirs?.json as object).sort());
      expect(data).toMatchObject({ phone_number: aJob().to, status: 'pending', record_type: 'verification' });
    },
  );

  it('sends a text in the same words as we do', async () => {
    const { apiKey, baseUrl } = telnyx;
    await telnyxMessages({ apiKey, baseUrl, from: OFFICE }).send(aJob(), patiently());
    const mine = telnyx.exchanges.at(-1);
    const { data } = await client().messages.send({
      from: OFFICE,
      to: aJob().to,
      text: aJob().text ?? '',
      type: 'SMS',
    });
    expect(mine?.json).toEqual(telnyx.exchanges.at(-1)?.json);
    expect(data?.to?.[0]).toMatchObject({ phone_number: aJob().to, status: 'queued' });
  });

  it('tells what became of a code in the same words as we do', async () => {
    const { apiKey, baseUrl, verifyProfileId } = telnyx;
    const ours = telnyxVerify({ apiKey, baseUrl, verifyProfileId, customCode: true });
    const sent = await ours.send(aJob({ code: '048151' }), patiently());
    const ref = sent.sent === 'yes' ? sent.ref : '';
    await ours.confirm?.(ref, patiently());
    const mine = telnyx.exchanges.at(-1);
    await client().verifications.actions.verify(ref, { status: 'accepted' });
    expect(mine).toMatchObject({ path: telnyx.exchanges.at(-1)?.path, json: telnyx.exchanges.at(-1)?.json as object });
  });

  it.each([
    ['a key that is wrong', { apiKey: 'KEY0000000000' }, Telnyx.AuthenticationError, '10009'],
    ['a number that is none', { to: '+0' }, Telnyx.BadRequestError, '10016'],
    ['a profile that is another’s', { profile: '4900017a-e7ff-f4ce-aaaa-5fde2ca10f7e' }, Telnyx.NotFoundError, '10005'],
  ])(
    'is refused as we are: %s',
    async (_what, { apiKey = telnyx.apiKey, to = aJob().to, profile = telnyx.verifyProfileId }: Wrong, kind, code) => {
      const sdk = new Telnyx({ apiKey, baseURL: telnyx.baseUrl, maxRetries: 0, logLevel: 'off' });
      const asked = sdk.verifications.triggerSMS({ phone_number: to, verify_profile_id: profile });
      const error: unknown = await asked.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(kind);
      expect((error as { error: { errors: { code: string }[] } }).error.errors[0]?.code).toBe(code);
      const ours = telnyxVerify({ apiKey, baseUrl: telnyx.baseUrl, verifyProfileId: profile });
      expect(await ours.send(aJob({ to }), patiently())).toMatchObject({ sent: 'no', detail: { code } });
    },
  );

  it('looks a number up as we do', async () => {
    telnyx.lines.set(GRACE, 'voip');
    expect(await lineOf(GRACE)).toEqual({ line: 'voip' });
    const { data } = await client().numberLookup.retrieve(GRACE, { type: 'carrier' });
    expect(data?.carrier?.type).toBe('voip');
    const [mine, theirs] = telnyx.exchanges.slice(-2).map(({ method, path }) => [method, decodeURIComponent(path)]);
    expect(mine).toEqual(theirs);
    telnyx.lines.clear();
  });

  it('checks a code that we sent, and hears what we hear', async () => {
    const { apiKey, baseUrl, verifyProfileId } = telnyx;
    const ours = telnyxVerify({ apiKey, baseUrl, verifyProfileId });
    const sent = await ours.send(aJob(), patiently());
    const ref = sent.sent === 'yes' ? sent.ref : '';
    const code = telnyx.codeFor(aJob().to) ?? '';
    const { data } = await client().verifications.actions.verify(ref, { code });
    expect(data).toEqual({ phone_number: aJob().to, response_code: 'accepted' });
    expect(await ours.check?.({ ref, to: aJob().to, code }, patiently())).toEqual({ verdict: 'wrong' });
  });
});
