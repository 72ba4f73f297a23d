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
  ])('one that %s says nothing: neither an error nor a reason', async (_, fails) => {
    const { risk, say } = told();
    const host = hostWith({ ...risk, timeout: '20ms' });
    const ada = (await new Person(host, 'ada').enrolsTotp()).elsewhere();
    say(fails);
    await ada.signsIn();
    expect(scored(host)).toEqual([]);
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

describe('where a user comes from', () => {
  /** Everybody's country is in their address here. */
  const countryOf = (ip: string) => ({ '198.51.100': 'DE', '203.0.113': 'BR' })[ip.split('.').slice(0, 3).join('.')];

  async function place(person: Person, ip: string, complete = true) {
    const from = (test: ReturnType<Person['post']>) => test.set('X-Forwarded-For', ip).set('User-Agent', BROWSER);
    person.host.clock.advance(11 * 60_000);
    await from(person.password());
    if (complete) await from(person.verify({ code: person.nextCode() })).expect(200);
  }

  function host(store?: Store) {
    return createHost({
      mfa: { risk: { dryRun: true, countryOf } },
      before: (app) => void app.set('trust proxy', 1),
      ...(store ? { store } : {}),
    });
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
    const inner = memoryStore();
    const one = host(inner);
    const ada = await new Person(one, 'ada').enrolsTotp();
    for (let last = 1; last <= 23; last += 1) await place(ada.elsewhere(), `198.51.100.${last}`);
    const [kept = []] = await inner.read('u:user-ada', [{ kind: 'network' }]);
    expect(kept).toHaveLength(20);
    expect(JSON.stringify(kept)).not.toMatch(/198\.51|DE/);
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

it.each<[string, unknown]>([
  ['no object', true],
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
