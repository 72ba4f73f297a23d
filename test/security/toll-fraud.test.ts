/** Scripts that have texts sent for money, through the whole app; and everybody else, who must not notice. */
import { describe, expect, it } from '@jest/globals';
import { turnstile } from '../../src/captcha/captcha.js';
import {
  type Delivery,
  email,
  type MfaEvent,
  type MfaOptions,
  type PriceOptions,
  type SendJob,
  type SendResult,
  sms,
  totp,
} from '../../src/index.js';
import { waits } from '../support/guess.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { listening, statuses, together } from '../support/listen.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';
import { adaWithPhone, farNumberNo, numberNo, sendsCounted, sendsOf, WIDE_SENDS } from '../support/texting.js';

type Limits = NonNullable<MfaOptions<TestUser>['limits']>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Nothing but what is looked at. */
const WIDE: Limits = { ...WIDE_SENDS, numbersPerRun: 14 };

const USD: PriceOptions = { carrier: 'inbox', channel: 'sms', perSend: '0.05', currency: 'USD' };

async function signedIn(host: TestHost, name: string): Promise<Person> {
  const somebody = new Person(host, name);
  await somebody.password().expect(302);
  return somebody;
}

let people = 0;

/** Somebody new sets the number up, as far as having a code sent; with `answered` to the end. */
async function setsUp(host: TestHost, phone: string, answered = false) {
  people += 1;
  const somebody = await signedIn(host, `somebody${people}`);
  const begun = await somebody.post('/mfa/factors/sms', { phone });
  if (answered && begun.status === 201)
    await somebody.post(`/mfa/factors/${begun.body.id}/confirm`, { code: somebody.texted() }).expect(200);
  return begun;
}

const failures = ({ events }: TestHost) =>
  events.filter((event): event is MfaEvent<'challenge.send_failed'> => event.type === 'challenge.send_failed');
const blocks = ({ events }: TestHost) =>
  events.filter((event): event is MfaEvent<'sending.blocked'> => event.type === 'sending.blocked');

function limitsMet(host: TestHost): Record<string, number> {
  const met: Record<string, number> = {};
  for (const { limit = 'none' } of failures(host)) met[limit] = (met[limit] ?? 0) + 1;
  return met;
}

describe('P02 the pumping script', () => {
  const trusting = { before: (app: { set(name: string, value: unknown): unknown }) => void app.set('trust proxy', 1) };

  it('of 500 sends over neighbouring numbers, many accounts and many addresses is held to the budgets, row by row', async () => {
    const host = await listening(createHost({ ...trusting, mfa: { freshFor: '30m', limits: { sendsPerDay: 40 } } }));
    const { ada, phone } = await adaWithPhone(host);
    const accounts = await together(100, (index) => signedIn(host, `pump${index}`));
    const answers = [];
    for (let round = 0; round < 5; round += 1) {
      const asked = accounts.map((one, index) =>
        one
          .post('/mfa/factors/sms', { phone: numberNo(round * 100 + index) })
          .set('X-Forwarded-For', `198.51.${round}.${index}`),
      );
      answers.push(...(await Promise.all(asked)));
    }
    expect(answers).toHaveLength(500);
    const sent = answers.filter(({ status }) => status === 201).length;
    // Five prefixes, and five sends each in ten minutes.
    expect(sent).toBe(25);
    expect(statuses(answers)).toEqual({ 201: 25, 429: 475 });
    expect(host.inbox.messages()).toHaveLength(25);
    expect(await sendsCounted(host)).toBe(25);

    const rows = (await host.mfa.api.audit.search({ types: ['challenge.send_failed'], limit: 500 })).events;
    expect(rows).toHaveLength(475);
    const reasons = new Set(rows.map((row) => (row as MfaEvent<'challenge.send_failed'>).limit));
    expect([...reasons].sort()).toEqual(['neighbours', 'prefix']);
    // Whole numbers: an id may hold any five digits.
    expect(JSON.stringify(rows)).not.toMatch(/\d{3}55501\d{2}/);

    // Ada, elsewhere and at the same moment, notices nothing.
    const honest = await waits(ada.elsewhere());
    await honest.post('/mfa/challenge', { factorId: phone }).set('X-Forwarded-For', '203.0.113.1').expect(202);
    await honest.verify({ factorId: phone, code: honest.texted() }).expect(200);
    const begun = await (await signedIn(host, 'bob'))
      .post('/mfa/factors/sms', { phone: '+61491570156' })
      .set('X-Forwarded-For', '203.0.113.2');
    expect(begun.status).toBe(201);

    // The script goes on all day, and meets what set-ups may use of the day's budget; the operator is told once.
    host.clock.advance(11 * MINUTE);
    for (let round = 0; round < 5; round += 1)
      await Promise.all(
        accounts.map((one, index) =>
          one
            .post('/mfa/factors/sms', { phone: numberNo(round * 100 + ((index * 37) % 100)) })
            .set('X-Forwarded-For', `198.51.1${round}.${index}`),
        ),
      );
    expect(host.inbox.messages().length).toBe(31);
    expect(blocks(host)).toMatchObject([{ limit: 'day', stops: 'set-ups' }]);
    expect(limitsMet(host)).toMatchObject({ day: expect.any(Number) });

    // Signing in with another factor goes on, and the next day sends again.
    await (await waits(ada.elsewhere())).verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
    host.clock.advance(DAY);
    expect((await setsUp(host, numberNo(700))).status).toBe(201);
  }, 60_000);
});

describe.each(stores)('P02 neighbouring numbers, on $name', ({ open }) => {
  async function aHost(limits: Limits) {
    const clock = testClock();
    return await listening(
      createHost({ store: open(clock), mfa: { limits: { ...WIDE, conversion: false, ...limits } } }, clock),
    );
  }

  it('are sent to four in ten minutes, wherever the run begins, with all asked for at once', async () => {
    const host = await aHost({ numbersPerRun: 4 });
    for (const start of [3, 40, 79]) {
      const before = host.inbox.messages().length;
      const answers = await together(7, (index) => setsUp(host, numberNo(start + index)));
      expect(statuses(answers)).toEqual({ 201: 4, 429: 3 });
      expect(host.inbox.messages().length - before).toBe(4);
      for (const { status, body, headers } of answers)
        if (status === 429) expect([body.code, headers['retry-after']]).toEqual(['send_limited', '600']);
    }
    expect(limitsMet(host)).toEqual({ neighbours: 9 });
    // What was refused is counted nowhere, and ten minutes later it is over.
    expect(await sendsCounted(host)).toBe(12);
    host.clock.advance(10 * MINUTE);
    expect((await setsUp(host, numberNo(9))).status).toBe(201);
  });

  it('are not used up by who was refused before anything was sent', async () => {
    const captcha = turnstile({ siteKey: 'a-site-key-of-tests', secret: 'a-secret-of-tests', when: 'sends' });
    const clock = testClock();
    const store = open(clock);
    const limits = { ...WIDE, conversion: false, numbersPerRun: 4 } as const;
    const guarded = await listening(createHost({ store, mfa: { captcha, limits } }, clock));
    for (let index = 0; index < 6; index += 1) expect((await setsUp(guarded, numberNo(index))).status).toBe(403);
    const host = await listening(createHost({ store, mfa: { limits } }, clock));
    expect((await setsUp(host, numberNo(6))).status).toBe(201);
  });

  it('do not count a second code for the same number, and leave those who sign in alone', async () => {
    const host = await aHost({ numbersPerRun: 4 });
    const { ada, phone } = await adaWithPhone(host);
    for (let time = 0; time < 5; time += 1) expect((await setsUp(host, numberNo(1))).status).toBe(201);
    for (const index of [2, 3, 4]) expect((await setsUp(host, numberNo(index))).status).toBe(201);
    expect((await setsUp(host, numberNo(5))).status).toBe(429);
    await (await waits(ada.elsewhere())).post('/mfa/challenge', { factorId: phone }).expect(202);
  });
});

it('P02 mailboxes that begin like a number are no neighbours of it', async () => {
  const mail: Delivery = {
    name: 'mail',
    offers: [{ channel: 'email', code: 'ours' }],
    send: async () => ({ sent: 'yes', ref: 'r', codeOwner: 'ours' }),
  };
  const { delivery } = carrier('texts');
  const factors = [sms({ via: delivery, countries: ['US'] }), email({ via: mail, resetAddresses: () => [] })];
  const host = createHost({ mfa: { factors, limits: { ...WIDE, numbersPerRun: 4 } } });
  for (const [index, domain] of ['one', 'two', 'three', 'four', 'five'].entries()) {
    const somebody = await signedIn(host, `sender${index}`);
    const address = `${numberNo(index)}@${domain}.example`;
    await somebody.post('/mfa/factors/email', { email: address }).expect(201);
  }
  expect((await setsUp(host, numberNo(5))).status).toBe(201);
});

it('D01 the day’s budget is not used up by set-ups: a quarter is left to those who sign in', async () => {
  const host = createHost({ mfa: { limits: { ...WIDE, conversion: false, sendsPerDay: 8 } } });
  const { ada, phone } = await adaWithPhone(host);
  const answers = [];
  for (let index = 0; index < 9; index += 1) answers.push(await setsUp(host, farNumberNo(index)));
  expect(statuses(answers)).toEqual({ 201: 6, 429: 3 });
  expect(limitsMet(host)).toEqual({ day: 3 });
  expect(blocks(host)).toMatchObject([{ limit: 'day', stops: 'set-ups' }]);
  const asks = async () => (await (await waits(ada.elsewhere())).post('/mfa/challenge', { factorId: phone })).status;
  expect([await asks(), await asks(), await asks()]).toEqual([202, 202, 429]);
  expect(blocks(host)).toMatchObject([{ stops: 'set-ups' }, { limit: 'day', stops: 'all' }]);
});

describe('P02 codes that nobody answers', () => {
  const conversion = { prefix: { sends: 10 }, country: { sends: 1_000 } };
  const aHost = (limits: Limits = {}) => createHost({ mfa: { limits: { ...WIDE, conversion, ...limits } } });

  it('stop set-ups of the prefix for twelve hours; other prefixes, sign-ins and other factors go on', async () => {
    const host = aHost();
    const { ada, phone } = await adaWithPhone(host);
    for (let index = 0; index < 10; index += 1) expect((await setsUp(host, numberNo(100 + index))).status).toBe(201);
    for (let index = 0; index < 10; index += 1) expect((await setsUp(host, numberNo(index))).status).toBe(201);
    host.clock.advance(11 * MINUTE);
    const counted = await sendsCounted(host);
    const refused = await together(20, (index) => setsUp(host, numberNo(20 + index)));
    expect(statuses(refused)).toEqual({ 429: 20 });
    for (const { body, headers } of refused)
      expect([body.code, headers['retry-after']]).toEqual(['send_limited', '43200']);
    expect(limitsMet(host)).toEqual({ conversion: 20 });
    expect(blocks(host)).toMatchObject([
      { limit: 'conversion', stops: 'set-ups', country: 'US', prefix: '+1202•••', until: host.clock() + 12 * HOUR },
    ]);
    // Blocked sends cost nothing and are counted nowhere.
    expect(host.inbox.messages()).toHaveLength(20);
    expect(await sendsCounted(host)).toBe(counted);

    expect((await setsUp(host, numberNo(250))).status).toBe(201);
    const honest = await waits(ada.elsewhere());
    await honest.post('/mfa/challenge', { factorId: phone }).expect(202);
    await honest.verify({ factorId: phone, code: honest.texted() }).expect(200);

    host.clock.advance(12 * HOUR - 1);
    expect((await setsUp(host, numberNo(20))).status).toBe(429);
    host.clock.advance(1);
    expect((await setsUp(host, numberNo(20))).status).toBe(201);
  });

  it('say nothing of a place where they are answered, however many go out at once', async () => {
    const host = aHost();
    for (let index = 0; index < 10; index += 1)
      expect((await setsUp(host, numberNo(index), index < 3)).status).toBe(201);
    host.clock.advance(11 * MINUTE);
    for (let index = 20; index < 50; index += 1) expect((await setsUp(host, numberNo(index))).status).toBe(201);
    expect(blocks(host)).toEqual([]);
  });

  it('are judged once they had the time to be answered', async () => {
    const host = aHost();
    for (let index = 0; index < 40; index += 1) expect((await setsUp(host, numberNo(index))).status).toBe(201);
    expect(blocks(host)).toEqual([]);
  });

  it('stop a country by its own measure', async () => {
    const host = aHost({ conversion: { prefix: { sends: 1_000 }, country: { sends: 20, share: 0.1 }, block: '1h' } });
    for (let index = 0; index < 20; index += 1) expect((await setsUp(host, farNumberNo(index))).status).toBe(201);
    host.clock.advance(11 * MINUTE);
    expect((await setsUp(host, farNumberNo(30))).status).toBe(429);
    expect(blocks(host)).toMatchObject([{ limit: 'conversion', country: 'US', until: host.clock() + HOUR }]);
    expect(blocks(host)[0]).not.toHaveProperty('prefix');
    expect((await setsUp(host, '+61491570156')).status).toBe(201);
  });

  const FEW = { resendAfter: ['1s'], conversion: { prefix: { sends: 5 } } } as const;

  /** So many people, each with a phone, all in one prefix. */
  async function neighbourhood(host: TestHost, count: number) {
    const people = [];
    for (let index = 0; index < count; index += 1) {
      const person = await signedIn(host, `neighbour${index}`);
      const { body } = await person.post('/mfa/factors/sms', { phone: numberNo(100 + index) }).expect(201);
      await person.post(`/mfa/factors/${body.id}/confirm`, { code: person.texted() }).expect(200);
      people.push({ person, phone: String(body.id) });
    }
    host.clock.advance(DAY);
    return people;
  }

  const asks = async ({ person, phone }: { person: Person; phone: string }) => {
    const browser = await waits(person.elsewhere());
    return { browser, phone, ...(await browser.post('/mfa/challenge', { factorId: phone })) };
  };

  it('D01 of two phones do not stop codes to those around them, however often they are asked', async () => {
    const host = aHost(FEW);
    const { ada, phone } = await adaWithPhone(host);
    const two = await neighbourhood(host, 2);
    for (let time = 0; time < 8; time += 1) {
      for (const one of two) expect((await asks(one)).status).toBe(202);
      host.clock.advance(4 * MINUTE);
    }
    host.clock.advance(11 * MINUTE);
    expect((await asks({ person: ada, phone })).status).toBe(202);
    expect(blocks(host)).toEqual([]);
  });

  it('are not made up for by one phone that answers again and again', async () => {
    const host = aHost(FEW);
    const [mallory, ...pumped] = await neighbourhood(host, 6);
    if (!mallory) throw new Error('nobody');
    for (let time = 0; time < 4; time += 1) {
      const { browser } = await asks(mallory);
      await browser.verify({ factorId: mallory.phone, code: browser.texted() }).expect(200);
      host.clock.advance(4 * MINUTE);
    }
    for (const one of pumped) expect((await asks(one)).status).toBe(202);
    host.clock.advance(11 * MINUTE);
    expect((await asks(mallory)).status).toBe(429);
    expect(blocks(host)).toMatchObject([{ limit: 'conversion', stops: 'all' }]);
  });

  it('D01 at sign-ins stop codes to that prefix and no other factor', async () => {
    const host = aHost(FEW);
    const { ada, phone } = await adaWithPhone(host);
    for (const one of await neighbourhood(host, 5)) expect((await asks(one)).status).toBe(202);
    host.clock.advance(11 * MINUTE);
    const mine = await sendsOf(host, 'user-ada');
    const browser = await waits(ada.elsewhere());
    await browser.post('/mfa/challenge', { factorId: phone }).expect(429);
    expect(await sendsOf(host, 'user-ada')).toBe(mine);
    expect(blocks(host)).toMatchObject([{ limit: 'conversion', stops: 'all' }]);
    expect((await setsUp(host, numberNo(150))).status).toBe(429);
    await browser.verify({ factorId: 'totp', code: browser.nextCode() }).expect(200);
  });

  it('say nothing where no carrier took them: that is an outage', async () => {
    const delivery: Delivery = {
      name: 'down',
      offers: [{ channel: 'sms', code: 'ours' }],
      send: async () => ({ sent: 'no', why: 'filtered' }),
    };
    const host = createHost({
      mfa: { limits: { ...WIDE, conversion }, factors: [totp(), sms({ via: delivery, countries: ['US'] })] },
    });
    for (let index = 0; index < 15; index += 1) expect((await setsUp(host, numberNo(index))).status).toBe(503);
    host.clock.advance(11 * MINUTE);
    expect((await setsUp(host, numberNo(20))).status).toBe(503);
    expect(blocks(host)).toEqual([]);
  });

  it('are not watched where that is not wanted', async () => {
    const host = aHost({ conversion: false });
    for (let index = 0; index < 12; index += 1) await setsUp(host, numberNo(index));
    host.clock.advance(11 * MINUTE);
    expect((await setsUp(host, numberNo(30))).status).toBe(201);
  });
});

/** Carries codes of ours, and answers as the test says. */
function carrier(name: string, answer: () => SendResult = () => ({ sent: 'yes', ref: 'r', codeOwner: 'ours' })) {
  const jobs: SendJob[] = [];
  const delivery: Delivery = {
    name,
    offers: [{ channel: 'sms', code: 'ours' }],
    async send(job) {
      jobs.push(job);
      return answer();
    },
  };
  return { delivery, jobs };
}

describe.each(stores)('P04 caps by money, on $name', ({ open }) => {
  async function aHost(limits: Limits, more: Partial<MfaOptions<TestUser>> = {}) {
    const clock = testClock();
    const mfa = { prices: [USD], limits: { ...WIDE, conversion: false as const, ...limits }, ...more };
    return await listening(createHost({ store: open(clock), mfa }, clock));
  }

  it('stop exactly where the money ends, with all asked for at once, and open a day after the first send', async () => {
    const host = await aHost({ spendPerDay: '1' });
    const answers = await together(30, (index) => setsUp(host, farNumberNo(index)));
    expect(statuses(answers)).toEqual({ 201: 20, 429: 10 });
    expect(host.inbox.messages()).toHaveLength(20);
    expect(limitsMet(host)).toEqual({ money: 10 });
    expect(blocks(host)).toMatchObject([{ limit: 'money', stops: 'all', until: host.clock() + DAY }]);
    for (const { status, body, headers } of answers)
      if (status === 429) expect([body.code, headers['retry-after']]).toEqual(['send_limited', '86400']);
    expect(await sendsCounted(host)).toBe(20);
    host.clock.advance(DAY);
    expect((await setsUp(host, farNumberNo(40))).status).toBe(201);
  });

  it('stop a country, and leave the others their own', async () => {
    const host = await aHost({ spendPerDayByCountry: { US: '0.10' } });
    const answers = await together(5, (index) => setsUp(host, farNumberNo(index)));
    expect(statuses(answers)).toEqual({ 201: 2, 429: 3 });
    expect(limitsMet(host)).toEqual({ country_money: 3 });
    expect(blocks(host)).toMatchObject([{ limit: 'country_money', country: 'US' }]);
    for (const last of ['156', '157', '158']) expect((await setsUp(host, `+61491570${last}`)).status).toBe(201);
  });
});

describe('P04 what a send costs', () => {
  const prices = (...all: readonly (readonly [carrier: string, perSend: string])[]) =>
    all.map(([name, perSend]) => ({ ...USD, carrier: name, perSend }));

  it('is counted for all that may be asked, and corrected by who was', async () => {
    const [cheap, dear] = [carrier('cheap'), carrier('dear')];
    const host = createHost({
      mfa: {
        prices: prices(['cheap', '0.01'], ['dear', '0.10']),
        limits: { ...WIDE, spendPerDay: '0.20' },
        factors: [totp(), sms({ via: [cheap.delivery, dear.delivery], countries: ['US'] })],
      },
    });
    // 0.11 must be there for each, and 0.01 is spent: ten fit into 0.20.
    const answers = [];
    for (let index = 0; index < 12; index += 1) answers.push(await setsUp(host, farNumberNo(index)));
    expect(statuses(answers)).toEqual({ 201: 10, 429: 2 });
    expect([cheap.jobs.length, dear.jobs.length]).toEqual([10, 0]);
  });

  it('is what it cost when the carrier was asked, also where the price falls before it has answered', async () => {
    const clock = testClock();
    const from = new Date(clock() + 1_000);
    const { delivery } = carrier('slow', () => {
      clock.advance(2_000);
      return { sent: 'yes', ref: 'r', codeOwner: 'ours' };
    });
    const host = createHost(
      {
        mfa: {
          prices: [...prices(['slow', '0.10']), { ...USD, carrier: 'slow', perSend: '0.01', from }],
          limits: { ...WIDE, conversion: false, spendPerDay: '0.20' },
          factors: [totp(), sms({ via: delivery, countries: ['US'] })],
        },
      },
      clock,
    );
    const answers = [];
    for (let index = 0; index < 14; index += 1) answers.push(await setsUp(host, farNumberNo(index)));
    // One at 0.10, and what is left at 0.01.
    expect(statuses(answers)).toEqual({ 201: 11, 429: 3 });
  });

  it('is nothing where it surely did not go out', async () => {
    const { delivery, jobs } = carrier('down', () => ({ sent: 'no', why: 'filtered' }));
    const host = createHost({
      mfa: {
        prices: prices(['down', '0.10']),
        limits: { ...WIDE, spendPerDay: '0.20' },
        factors: [totp(), sms({ via: delivery, countries: ['US'] })],
      },
    });
    for (let index = 0; index < 6; index += 1) expect((await setsUp(host, farNumberNo(index))).status).toBe(503);
    expect(jobs).toHaveLength(6);
  });

  it('is that of both carriers where both may have sent it', async () => {
    const lost = carrier('lost', () => ({ sent: 'unknown', why: 'timeout' }));
    const sure = carrier('sure');
    const host = createHost({
      mfa: {
        prices: prices(['lost', '0.10'], ['sure', '0.10']),
        carrierOrder: 'given',
        limits: { ...WIDE, spendPerDay: '0.50' },
        factors: [totp(), sms({ via: [lost.delivery, sure.delivery], countries: ['US'] })],
      },
    });
    const answers = [];
    for (let index = 0; index < 5; index += 1) answers.push((await setsUp(host, farNumberNo(index))).status);
    expect(answers).toEqual([201, 201, 429, 429, 429]);
  });
});

describe('which carrier is asked first', () => {
  async function asked(options: Partial<MfaOptions<TestUser>>) {
    const [first, second] = [carrier('first'), carrier('second')];
    const host = createHost({
      mfa: {
        prices: [
          { ...USD, carrier: 'first', perSend: '0.010' },
          { ...USD, carrier: 'second', perSend: '0.008' },
        ],
        limits: { ...WIDE, conversion: false },
        factors: [totp(), sms({ via: [first.delivery, second.delivery], countries: ['US'] })],
        ...options,
      },
    });
    expect((await setsUp(host, farNumberNo(0))).status).toBe(201);
    return { first: first.jobs.length, second: second.jobs.length };
  }

  it('is the cheapest, by the price list', async () => {
    expect(await asked({})).toEqual({ first: 0, second: 1 });
  });

  it('is the one that was named first, where that is wanted', async () => {
    expect(await asked({ carrierOrder: 'given' })).toEqual({ first: 1, second: 0 });
  });
});
