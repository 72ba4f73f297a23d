/** Numbers are looked up over the wire before a send: what it costs, what it changes, and what it never does. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { turnstile } from '../../src/captcha/captcha.js';
import { twilioLookup } from '../../src/delivery/twilio.js';
import {
  inbox,
  type MfaOptions,
  memoryStore,
  phone,
  type RiskOptions,
  type RiskSignal,
  sms,
  totp,
} from '../../src/index.js';
import { captchaDouble } from '../doubles/captcha.js';
import type { Fault } from '../doubles/faults.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { spyStore } from '../support/spy-store.js';
import { adaWithPhone, numberNo, PHONE, sendsCounted } from '../support/texting.js';

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';

let twilio: TwilioDouble;
beforeAll(async () => {
  twilio = await twilioDouble();
});
afterEach(() => {
  twilio.numbers.clear();
  twilio.exchanges.length = 0;
});
afterAll(() => twilio.close());

const fieldsAsked = () => twilio.exchanges.map(({ path }) => new URL(path, twilio.url).searchParams.get('Fields'));

/** Ada has a phone, and has just typed her password in another browser. */
async function adaSignsIn(risk: RiskOptions = {}, more: Partial<MfaOptions<TestUser>> = {}) {
  const clock = testClock();
  const store = spyStore(memoryStore({ clock }));
  const lookup = twilioLookup({ client: twilio.client() });
  const host = createHost({ store, mfa: { risk: { lookup, ...risk }, ...more } }, clock);
  const { ada: first, phone } = await adaWithPhone(host);
  host.events.length = 0;
  twilio.exchanges.length = 0;
  const ada = first.elsewhere();
  await ada.password().set('User-Agent', BROWSER).expect(200);
  return { host, store, ada, phone };
}

const sends = (ada: Person, factorId: string, more: object = {}) =>
  ada.post('/mfa/challenge', { factorId, ...more }).set('User-Agent', BROWSER);
const told = (host: TestHost, type: string) => host.events.filter((event) => event.type === type);

describe('a number that is looked up', () => {
  it('P08 with a SIM of yesterday is sent nothing where there is an authenticator', async () => {
    const { host, ada, phone } = await adaSignsIn();
    twilio.numbers.set(PHONE, { simSwap: new Date(host.clock() - 3_600_000).toISOString() });
    await sends(ada, phone).expect(422);
    expect(host.inbox.messages()).toEqual([]);
    expect(told(host, 'risk.scored')).toMatchObject([{ moment: 'send', action: 'stronger', done: 'stronger' }]);
    expect(told(host, 'lookup.made')).toMatchObject([{ simSwappedAt: host.clock() - 3_600_000 }]);
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });

  it('is asked for its line when it is set up, for its SIM when it signs in, and not again within the hour', async () => {
    const { host, ada, phone } = await adaSignsIn();
    await sends(ada, phone).expect(202);
    host.clock.advance(31_000);
    await sends(ada, phone).expect(202);
    expect(fieldsAsked()).toEqual(['sim_swap']);
    const other = ada.elsewhere();
    host.clock.advance(3_600_000);
    await other.password().set('User-Agent', BROWSER);
    await sends(other, phone).expect(202);
    expect(fieldsAsked()).toEqual(['sim_swap', 'sim_swap']);
  });

  it('leaves neither number nor credentials in store, events or errors', async () => {
    const { host, store, ada, phone } = await adaSignsIn();
    await sends(ada, phone).expect(202);
    twilio.fault({ reply: { status: 401, body: { code: 20003, message: `no ${PHONE}`, status: 401 } } });
    host.clock.advance(3_600_000);
    const other = ada.elsewhere();
    await other.password().set('User-Agent', BROWSER);
    await sends(other, phone).expect(202);
    expect(told(host, 'lookup.failed')).toMatchObject([{ wanted: ['sim-swap'], why: 'auth' }]);
    const kept = store.dump() + JSON.stringify([host.events, host.errors]);
    expect([PHONE, PHONE.slice(1), twilio.authToken].filter((secret) => kept.includes(secret))).toEqual([]);
  });
});

describe('P02 a number that turns out to be of a type that is not sent to', () => {
  const NOWHERE = '+12125550100';

  async function setsUp(kind: string, line: string, more: Partial<MfaOptions<TestUser>> = {}) {
    twilio.numbers.set(NOWHERE, { line });
    const host = createHost({ mfa: { risk: { lookup: twilioLookup({ client: twilio.client() }) }, ...more } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const answer = await ada.post(`/mfa/factors/${kind}`, { phone: NOWHERE }).set('User-Agent', BROWSER);
    return { host, ada, answer };
  }

  it.each([
    ['sms', 'nonFixedVoip', 'blocked'],
    ['sms', 'personal', 'blocked'],
    ['sms', 'landline', 'landline'],
    ['sms', 'fixedVoip', 'landline'],
    ['voice', 'nonFixedVoip', 'blocked'],
  ])(
    'is not set up: %s to %s, in the words of any number that is not sent to, and costs no budget',
    async (...given) => {
      const [kind, line, why] = given;
      const { host, ada, answer } = await setsUp(kind, line);
      expect(answer.status).toBe(422);
      expect(host.inbox.messages()).toEqual([]);
      expect(await sendsCounted(host)).toBe(0);
      expect(told(host, 'challenge.send_failed')).toMatchObject([{ why }]);
      // Premium: refused by its country's plan.
      const premium = await ada.post(`/mfa/factors/${kind}`, { phone: '+1 900 555 0100' }).expect(422);
      const words = ({ code, title, detail }: Record<string, unknown>) => ({ code, title, detail });
      expect(words(answer.body)).toEqual(words(premium.body));
    },
  );

  it.each([
    ['sms', 'mobile'],
    ['sms', 'tollFree'],
    ['voice', 'landline'],
    ['voice', 'fixedVoip'],
  ])('is set up where the type is taken, or not known: %s to %s', async (kind, line) => {
    expect((await setsUp(kind, line)).answer.status).toBe(201);
  });

  it('is set up where `types` names the type, and in a dry run', async () => {
    const via = inbox();
    const types = ['mobile', 'mobile-or-landline', 'voip'] as const;
    const factors = [totp(), sms({ via, countries: ['US'], types })];
    expect((await setsUp('sms', 'nonFixedVoip', { factors })).answer.status).toBe(201);
    const risk = { lookup: twilioLookup({ client: twilio.client() }), dryRun: true };
    expect((await setsUp('sms', 'nonFixedVoip', { risk })).answer.status).toBe(201);
  });

  it('is offered another channel where the factor has one that takes it, and no text is paid for', async () => {
    const via = inbox();
    const both = phone({
      countries: ['US'],
      channels: [
        { channel: 'sms', via },
        { channel: 'voice', via },
      ],
    });
    const { ada, answer } = await setsUp('phone', 'landline', { factors: [totp(), both] });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ failedChannel: 'sms', suggestedChannel: 'voice' });
    const called = await ada.post('/mfa/factors/phone', { phone: NOWHERE, channel: 'voice' }).expect(201);
    expect(via.messages().map(({ channel }) => channel)).toEqual(['voice']);
    await ada.post(`/mfa/factors/${called.body.id}/confirm`, { code: via.messages()[0]?.code }).expect(200);
    expect(fieldsAsked()).toEqual(['line_type_intelligence']);
  });

  it('is still sent to once it was proved: its owner is not locked out by somebody’s table of lines', async () => {
    const { host, ada, answer } = await setsUp('sms', 'mobile');
    await ada.post(`/mfa/factors/${answer.body.id}/confirm`, { code: ada.texted() }).expect(200);
    twilio.numbers.set(NOWHERE, { line: 'landline' });
    host.clock.advance(40 * 86_400_000);
    const other = ada.elsewhere();
    await other.password().set('User-Agent', BROWSER).expect(200);
    await sends(other, answer.body.id).expect(202);
    expect(told(host, 'lookup.made').at(-1)).toMatchObject({ line: 'landline' });
  });
});

describe('a lookup that fails locks nobody out', () => {
  it.each<[string, Fault, string]>([
    ['down', { reply: { status: 503, body: {} } }, 'unavailable'],
    ['wrong credentials', { reply: { status: 401, body: { code: 20003, status: 401 } } }, 'auth'],
    ['too many', { reply: { status: 429, body: { code: 20429, status: 429 } } }, 'rate_limited'],
    ['a broken connection', { reset: true }, 'unavailable'],
    ['no answer', { hang: true }, 'timeout'],
  ])('%s', async (_, fault, why) => {
    const { host, ada, phone } = await adaSignsIn({ lookups: { timeout: 300 } });
    twilio.fault(fault);
    await sends(ada, phone).expect(202);
    await ada.verify({ factorId: phone, code: ada.texted() }).expect(200);
    expect(told(host, 'lookup.failed')).toMatchObject([{ wanted: ['sim-swap'], why }]);
    expect(host.errors).toEqual([]);
  });
});

describe('a lookup is not paid for', () => {
  it('where the budgets refuse the send', async () => {
    const { ada, phone } = await adaSignsIn({}, { limits: { sendsPerNumber10Min: 1 } });
    await sends(ada, phone).expect(202);
    const other = ada.elsewhere();
    await other.password();
    await sends(other, phone).expect(429);
    expect(fieldsAsked()).toEqual(['sim_swap']);
  });

  it('where nobody looks at its answer', async () => {
    const { ada, phone } = await adaSignsIn({ weights: { 'sim-swap': 0 } });
    await sends(ada, phone).expect(202);
    expect(fieldsAsked()).toEqual([]);
  });

  it('where the host objects', async () => {
    const { ada, phone } = await adaSignsIn({}, { beforeChallenge: (_, { facts }) => facts.userAgent !== BROWSER });
    await sends(ada, phone).expect(422);
    expect(fieldsAsked()).toEqual([]);
  });

  it('before the captcha that everybody is asked for', async () => {
    const double = await captchaDouble('turnstile');
    const { siteKey, secret, verifyUrl } = double;
    const captcha = turnstile({ siteKey, secret, verifyUrl, when: 'sends' });
    const clock = testClock();
    const host = createHost({ mfa: { captcha, risk: { lookup: twilioLookup({ client: twilio.client() }) } } }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(403);
    expect(fieldsAsked()).toEqual([]);
    await ada.post('/mfa/factors/sms', { phone: PHONE, captchaToken: double.solve() }).expect(201);
    expect(fieldsAsked()).toEqual(['line_type_intelligence']);
    await double.close();
  });

  it('without end by somebody who types number after number, whatever becomes of the sends', async () => {
    const lookup = twilioLookup({ client: twilio.client() });
    const sendsAreRefused: RiskSignal = {
      name: 'refuses',
      weight: 0.95,
      look: ({ moment }) => Number(moment === 'send'),
    };
    const host = createHost({ mfa: { risk: { lookup, lookups: { perUserDay: 3 }, signals: [sendsAreRefused] } } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    for (let index = 0; index < 6; index += 1) {
      await ada.post('/mfa/factors/sms', { phone: numberNo(index * 100) }).expect(422);
      host.clock.advance(6_000);
    }
    expect(fieldsAsked()).toHaveLength(3);
    expect(told(host, 'lookup.failed')).toHaveLength(3);
  });
});

it('two sends to one number at once pay for one lookup', async () => {
  const { host, ada, phone } = await adaSignsIn();
  const other = ada.elsewhere();
  await other.password().set('User-Agent', BROWSER).expect(200);
  await Promise.all([sends(ada, phone).expect(202), sends(other, phone).expect(202)]);
  expect(fieldsAsked()).toEqual(['sim_swap']);
  expect(told(host, 'challenge.sent')).toHaveLength(2);
});
