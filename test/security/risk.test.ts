import { describe, expect, it } from '@jest/globals';
import { generateSync } from 'otplib';
import {
  type Factor,
  inbox,
  type MfaOptions,
  memoryStore,
  type RiskOptions,
  type RiskSignal,
  type Store,
  sms,
  totp,
} from '../../src/index.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';
import { adaWithPhone, PHONE, sendsCounted, sendsOf } from '../support/texting.js';

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';

/** One signal that says what it is told, and nothing else. */
function told() {
  let value: number | (() => unknown) = 0;
  const signal: RiskSignal = {
    name: 'told',
    weight: 0.95,
    look: () => (typeof value === 'function' ? (value() as number) : value / 0.95),
  };
  const weights = Object.fromEntries(
    ['velocity', 'failures', 'new-network', 'new-country', 'bot-agent', 'line-type', 'sim-swap'].map((name) => [
      name,
      0,
    ]),
  );
  const say = (next: typeof value) => {
    value = next;
  };
  return { risk: { signals: [signal], weights }, say };
}

function hostWith(risk: RiskOptions, more: Partial<MfaOptions<TestUser>> = {}, store?: Store): TestHost {
  return createHost({ mfa: { risk, ...more }, ...(store ? { store } : {}) });
}

async function sessionsIn({ sessions }: TestHost): Promise<readonly string[]> {
  return await new Promise((resolve, reject) => {
    sessions.all?.((error, all) => (error ? reject(error) : resolve(Object.keys(all ?? {}).sort())));
  });
}

const scored = (host: TestHost) => host.events.filter((event) => event.type === 'risk.scored');

describe('a sign-in that looks risky', () => {
  it('is refused from the highest threshold on, with its reasons in the log, and nothing waits for a code', async () => {
    const { risk, say } = told();
    const host = hostWith(risk);
    const ada = (await new Person(host, 'ada').enrolsTotp()).elsewhere();
    say(0.92);
    const answer = await ada.password().expect(403);
    expect(answer.body).toMatchObject({ code: 'sign_in_refused' });
    expect((await ada.get('/app')).status).toBe(401);
    await ada.verify({ code: ada.nextCode() }).expect(401);
    const { events } = await host.mfa.api.audit.search({ types: ['risk.scored', 'sign_in.refused'] });
    expect(events).toEqual([
      expect.objectContaining({ type: 'sign_in.refused', reason: 'risk' }),
      expect.objectContaining({
        type: 'risk.scored',
        moment: 'sign-in',
        score: 0.92,
        action: 'refuse',
        done: 'refuse',
        dryRun: false,
        reasons: [expect.objectContaining({ signal: 'told', weight: 0.95 })],
      }),
    ]);
  });

  it('is refused in the words of a veto, whoever it is, and leaves neither cookie nor session nor anything to go on with', async () => {
    const { risk, say } = told();
    const host = hostWith(risk);
    await new Person(host, 'ada').enrolsTotp();
    const before = await sessionsIn(host);
    say(0.92);
    const answers = [];
    for (const name of ['ada', 'bob']) answers.push(await new Person(host, name).password().expect(403));
    const vetoing = createHost({ mfa: { beforeSignIn: () => false } });
    answers.push(await new Person(vetoing, 'ada').password().expect(403));
    const shown = answers.map(({ body: { instance: _, ...body }, headers }) => ({
      body,
      headers: Object.keys(headers).filter((name) => !['etag', 'content-length'].includes(name)),
    }));
    expect(shown[0]?.headers).not.toContain('set-cookie');
    expect(shown[1]).toEqual(shown[0]);
    expect(shown[2]).toEqual(shown[0]);
    expect(JSON.stringify(answers.map(({ text, headers }) => [text, headers]))).not.toMatch(/risk|score|told|0\.9/i);
    expect(await sessionsIn(host)).toEqual(before);
  });

  it('is told from a calm one by nobody without the password', async () => {
    const { risk, say } = told();
    const host = hostWith(risk);
    const ask = async () => {
      const { status, text, headers } = await new Person(host, 'ada').password('wrong');
      return [status, text, Object.keys(headers), headers.location];
    };
    const calm = await ask();
    say(0.95);
    expect(await ask()).toEqual(calm);
    expect(host.events).toEqual([]);
  });

  it('is held to stronger factors where the user has one: not offered, not sent, not accepted', async () => {
    const { risk, say } = told();
    const host = hostWith(risk);
    const { ada, phone } = await adaWithPhone(host);
    const other = ada.elsewhere();
    say(0.7);
    const parked = await other.password().expect(200);
    expect(parked.body.factors.map(({ kind }: { kind: string }) => kind)).toEqual(['totp', 'backup-codes']);
    await other.post('/mfa/challenge', { factorId: phone }).expect(404);
    expect(host.inbox.messages()).toEqual([]);
    await other.verify({ factorId: phone, code: '123456' }).expect(410);
    await other.verify({ code: other.nextCode() }).expect(200);
  });

  it('does not take the right code of a weaker factor that sends nothing', async () => {
    const { risk, say } = told();
    const weak: Factor = { ...totp(), kind: 'weak', strength: 10 };
    const host = hostWith(risk, { factors: [totp(), weak] });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/weak').expect(201);
    const code = () => generateSync({ secret: begun.body.secret, epoch: Math.floor(host.clock() / 1000) });
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: code() }).expect(200);
    const other = ada.elsewhere();
    say(0.7);
    await other.password().expect(200);
    host.clock.advance(30_000);
    await other.verify({ factorId: 'weak', code: code() }).expect(404);
    say(0);
    const calm = ada.elsewhere();
    await calm.password().expect(200);
    await calm.verify({ factorId: 'weak', code: code() }).expect(200);
  });

  it('is no dead end for whoever has nothing stronger, and no captcha to be asked', async () => {
    const { risk, say } = told();
    const host = hostWith(risk);
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
    const other = ada.elsewhere();
    host.clock.advance(3_600_000);
    say(0.7);
    await other.password().expect(200);
    await other.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    await other.verify({ factorId: begun.body.id, code: other.texted() }).expect(200);
    expect(scored(host).map(({ moment, action, done }) => ({ moment, action, done }))).toEqual([
      { moment: 'sign-in', action: 'stronger', done: 'allow' },
      { moment: 'send', action: 'stronger', done: 'allow' },
    ]);
  });
});

describe('a send that looks risky', () => {
  it('is not made, costs no budget, and leaves the other factors', async () => {
    const { risk, say } = told();
    const host = hostWith(risk);
    const { ada, phone } = await adaWithPhone(host);
    const other = ada.elsewhere();
    await other.password().expect(200);
    say(0.95);
    const answer = await other.post('/mfa/challenge', { factorId: phone }).expect(422);
    expect(answer.body).toMatchObject({ code: 'destination_refused' });
    expect(host.inbox.messages()).toEqual([]);
    expect([await sendsCounted(host), await sendsOf(host, 'user-ada')]).toEqual([0, 0]);
    expect(host.events.filter(({ type }) => type === 'challenge.send_failed')).toMatchObject([{ why: 'risk' }]);
    await other.verify({ code: other.nextCode() }).expect(200);
  });

  it('to a number that is being set up is not made either', async () => {
    const { risk, say } = told();
    const host = hostWith(risk);
    const ada = await new Person(host, 'ada').enrolsTotp();
    say(0.95);
    await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(422);
    expect(host.inbox.messages()).toEqual([]);
    expect(await sendsCounted(host)).toBe(0);
  });

  it('to an internet number is told from one to a mobile phone, and a new SIM from an old one', async () => {
    const messages = inbox();
    const now = testClock();
    const host = createHost(
      {
        mfa: {
          factors: [sms({ via: messages, countries: ['US', 'GB'], types: ['mobile', 'mobile-or-landline', 'voip'] })],
          risk: { dryRun: true, lookup: () => ({ simSwappedAt: now() - 3_600_000 }) },
        },
      },
      now,
    );
    const ada = new Person(host, 'ada');
    await ada.agent
      .post('/login')
      .set('User-Agent', BROWSER)
      .send({ username: ada.user.email, password: ada.user.password });
    await ada.post('/mfa/factors/sms', { phone: '+44 56 0000 1234' }).set('User-Agent', BROWSER);
    const seen = scored(host).filter(({ moment }) => moment === 'send');
    expect(seen.flatMap(({ reasons }) => reasons.map(({ signal }) => signal))).toEqual(['sim-swap', 'line-type']);
  });
});

describe('a dry run', () => {
  it('writes down what would have happened, and nothing happens', async () => {
    const { risk, say } = told();
    const host = hostWith({ ...risk, dryRun: true });
    const { ada, phone } = await adaWithPhone(host);
    const other = ada.elsewhere();
    say(0.95);
    const parked = await other.password().expect(200);
    expect(parked.body.factors.map(({ kind }: { kind: string }) => kind)).toContain('sms');
    await other.post('/mfa/challenge', { factorId: phone }).expect(202);
    await other.verify({ factorId: phone, code: other.texted() }).expect(200);
    expect(scored(host)).toEqual([
      expect.objectContaining({ moment: 'sign-in', action: 'refuse', done: 'allow', dryRun: true }),
      expect.objectContaining({ moment: 'send', action: 'refuse', done: 'allow', dryRun: true }),
    ]);
  });
});

describe('a signal that fails', () => {
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['never answers', () => new Promise(() => {})],
    ['says a text', () => '1'],
    ['says NaN', () => Number.NaN],
    ['says less than nothing', () => -1],
    ['says less than nothing without end', () => Number.NEGATIVE_INFINITY],
    ['says yes', () => true],
    ['says a big number of another kind', () => 10n ** 400n],
    ['says a list of a million reasons', () => Array.from({ length: 1_000_000 }, () => 1)],
    ['says an object that is a number on demand', () => ({ valueOf: () => 1 })],
    ['breaks when it is asked for its number', () => ({ [Symbol.toPrimitive]: () => Object.keys(null as never) })],
    ['answers with a query that never ends', () => Object.defineProperty({}, 'then', { value: () => undefined })],
  ])('one that %s says nothing: neither an error nor a reason', async (_, fails) => {
    const { risk, say } = told();
    const host = hostWith({ ...risk, timeout: '20ms' });
    const ada = (await new Person(host, 'ada').enrolsTotp()).elsewhere();
    say(fails);
    await ada.signsIn();
    expect(scored(host)).toEqual([]);
  });

  it.each([2, 1e9, Number.POSITIVE_INFINITY])('one that says %p says no more than 1', async (much) => {
    const { risk, say } = told();
    const host = hostWith({ ...risk, dryRun: true });
    say(() => much);
    await new Person(host, 'ada').password().expect(302);
    expect(scored(host)).toMatchObject([{ score: 0.95, reasons: [{ signal: 'told', value: 1 }] }]);
  });

  it('does not silence the others', async () => {
    const { risk } = told();
    const loud: RiskSignal = { name: 'loud', weight: 0.95, look: () => 1 };
    const broken: RiskSignal = {
      name: 'broken',
      weight: 0.9,
      look: () => {
        throw new Error('down');
      },
    };
    const host = hostWith({ ...risk, signals: [broken, loud] });
    const answer = await new Person(host, 'ada').password();
    expect(answer.status).toBe(403);
    expect(host.errors).toContainEqual(expect.objectContaining({ message: 'down' }));
  });
});

describe.each(stores)('where a user comes from, on $name', ({ open }) => {
  /** Everybody's country is in their address here. */
  const countryOf = (ip: string) => ({ '198.51.100': 'DE', '203.0.113': 'BR' })[ip.split('.').slice(0, 3).join('.')];

  async function place(person: Person, ip: string, complete = true) {
    const from = (test: ReturnType<Person['post']>) => test.set('X-Forwarded-For', ip).set('User-Agent', BROWSER);
    person.host.clock.advance(11 * 60_000);
    await from(person.password());
    if (complete) await from(person.verify({ code: person.nextCode() })).expect(200);
  }

  function host() {
    const clock = testClock();
    return createHost(
      {
        mfa: { risk: { dryRun: true, countryOf } },
        before: (app) => void app.set('trust proxy', 1),
        store: open(clock),
      },
      clock,
    );
  }

  const reasons = (one: TestHost) => scored(one).map((event) => event.reasons.map(({ signal }) => signal));

  it('is new until a second factor was right there, and then known', async () => {
    const one = host();
    const ada = await new Person(one, 'ada').enrolsTotp();
    one.events.length = 0;
    await place(ada.elsewhere(), '198.51.100.7');
    expect(reasons(one)).toEqual([]);
    await place(ada.elsewhere(), '198.51.100.7');
    expect(reasons(one)).toEqual([]);
    await place(ada.elsewhere(), '203.0.113.9', false);
    expect(reasons(one)).toEqual([['new-country', 'new-network']]);
    await place(ada.elsewhere(), '203.0.113.9');
    expect(reasons(one)).toHaveLength(2);
    await place(ada.elsewhere(), '203.0.113.9');
    expect(reasons(one)).toHaveLength(2);
  });

  it('is one network in every spelling of its address, and a whole /64 of IPv6', async () => {
    const one = host();
    const ada = await new Person(one, 'ada').enrolsTotp();
    one.events.length = 0;
    await place(ada.elsewhere(), '198.51.100.7');
    for (const same of ['::ffff:198.51.100.7', '::FFFF:c633:6407', '198.51.100.7:4711', '[::ffff:198.51.100.7]:443'])
      await place(ada.elsewhere(), same, false);
    expect(reasons(one)).toEqual([]);
    await place(ada.elsewhere(), '2001:db8:0:1::1');
    expect(reasons(one)).toEqual([['new-network']]);
    for (const same of ['2001:DB8:0:1:ffff::2', '[2001:0db8:0000:0001::3]:443'])
      await place(ada.elsewhere(), same, false);
    expect(reasons(one)).toHaveLength(1);
    await place(ada.elsewhere(), '2001:db8:0:2::1', false);
    expect(reasons(one)).toHaveLength(2);
  });

  it('is no reason where there is no address', async () => {
    const one = host();
    const ada = await new Person(one, 'ada').enrolsTotp();
    await place(ada.elsewhere(), '198.51.100.7');
    one.events.length = 0;
    for (const none of ['unknown', '999.1.1.1', 'x'.repeat(8_000), "'; DROP TABLE", '::1::1'])
      await place(ada.elsewhere(), none);
    expect(reasons(one)).toEqual([]);
    expect(one.errors).toEqual([]);
    const [kept = []] = await one.store.read('u:user-ada', [{ kind: 'network' }]);
    expect(kept).toHaveLength(1);
  });

  it('is forgotten after ninety days', async () => {
    const one = host();
    const ada = await new Person(one, 'ada').enrolsTotp();
    await place(ada.elsewhere(), '198.51.100.7');
    one.clock.advance(91 * 86_400_000);
    one.events.length = 0;
    await place(ada.elsewhere(), '203.0.113.9');
    expect(reasons(one)).toEqual([]);
  });

  it('is kept for the last twenty networks, without their addresses', async () => {
    const one = host();
    const ada = await new Person(one, 'ada').enrolsTotp();
    for (let last = 1; last <= 23; last += 1) await place(ada.elsewhere(), `198.51.100.${last}`);
    const [kept = []] = await one.store.read('u:user-ada', [{ kind: 'network' }]);
    expect(kept).toHaveLength(20);
    expect(JSON.stringify(kept)).not.toMatch(/198\.51|DE/);
  });

  it('and how often, counts for ten minutes: of the user everywhere, of an address whoever it is', async () => {
    const one = host();
    const from = (person: Person, ip: string) =>
      person.password().set('X-Forwarded-For', ip).set('User-Agent', BROWSER);
    const said = () => scored(one).flatMap((event) => event.reasons.map(({ value }) => Number(value.toFixed(2))));
    for (let time = 1; time <= 5; time += 1) await from(new Person(one, 'ada'), `198.51.100.${time}`);
    expect(said()).toEqual([0.14, 0.29]);
    for (let user = 1; user <= 16; user += 1) await from(new Person(one, `user-${user}`), '::ffff:203.0.113.9');
    for (let user = 17; user <= 22; user += 1) await from(new Person(one, `user-${user}`), '203.0.113.9');
    expect(said()).toEqual([0.14, 0.29, 0.01, 0.03]);
    one.clock.advance(10 * 60_000);
    await from(new Person(one, 'ada'), '203.0.113.9');
    expect(said()).toHaveLength(4);
  });
});

describe('without the option', () => {
  it('nothing is counted, kept or asked of the store', async () => {
    const calls: string[] = [];
    const inner = memoryStore();
    const store = new Proxy(inner, {
      get(target, name: keyof Store) {
        const verb = target[name];
        if (typeof verb !== 'function') return verb;
        return (...given: unknown[]) => {
          calls.push(name);
          return (verb as (...more: unknown[]) => unknown).apply(target, given);
        };
      },
    });
    const host = createHost({ store });
    const ada = (await new Person(host, 'ada').enrolsTotp()).elsewhere();
    calls.length = 0;
    await ada.password().expect(200);
    expect(calls).toEqual(['read', 'commit']);
    calls.length = 0;
    await ada.verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
    expect(calls).toEqual(['commit', 'commit']);
    expect((await inner.read('u:user-ada', [{ kind: 'network' }]))[0]).toEqual([]);
  });
});

it('a user agent of eight kilobytes is a text like any other, and is kept cut', async () => {
  const host = hostWith({ dryRun: true });
  const sign = async (userAgent: string) =>
    await new Person(host, 'ada').password().set('User-Agent', userAgent).expect(302);
  await sign('Mozilla/5.0 '.repeat(680));
  await sign(`curl/8.5.0 ${'('.repeat(8_000)}`);
  expect(scored(host).map(({ reasons }) => reasons.map(({ signal }) => signal))).toEqual([['bot-agent']]);
  expect(Math.max(...host.events.map(({ userAgent = '' }) => userAgent.length))).toBe(256);
});

it.each<[string, unknown]>([
  ['no object', true],
  ['a lookup that is none', { lookup: { knows: ['line'] } }],
  ['a lookup of what nobody knows', { lookup: { knows: ['name'], look: () => undefined } }],
  ['a SIM that is kept for two days', { lookups: { keepSimSwap: '2d' } }],
  ['no lookup at all in a day', { lookups: { perDay: 0 } }],
  ['a lookup that may take a minute', { lookups: { timeout: '1m' } }],
  ['an unknown option of lookups', { lookups: { keepSim: '1h' } }],
  ['an unknown option', { treshold: {} }],
  ['a threshold below its floor', { thresholds: { refuse: 0.3 } }],
  ['thresholds out of order', { thresholds: { captcha: 0.8, stronger: 0.6 } }],
  ['a weight of certainty', { weights: { velocity: 1 } }],
  ['a weight of nobody', { weights: { velocty: 0.5 } }],
  ['a signal without a weight', { signals: [{ name: 'mine', look: () => 1 }] }],
  ['a signal named as one of ours', { signals: [{ name: 'velocity', weight: 0.5, look: () => 1 }] }],
])('%s is told at once', (_, risk) => {
  expect(() => hostWith(risk as RiskOptions)).toThrow(expect.objectContaining({ code: 'set_up' }));
});
