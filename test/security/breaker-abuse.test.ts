/** What somebody with an account can do to the carriers that everybody shares. */
import { describe, expect, it } from '@jest/globals';
import { type Delivery, type MfaOptions, type SendJob, type SendResult, sms, totp } from '../../src/index.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';
import { farNumberNo, sendsCounted } from '../support/texting.js';

const SENT: SendResult = { sent: 'yes', ref: 'ref', codeOwner: 'ours' };
const DOWN: SendResult = { sent: 'no', why: 'unavailable' };

/** One carrier, which answers as the test says. */
function aHostOn(
  open: (typeof stores)[number]['open'],
  answer: (job: SendJob) => SendResult,
  more: Partial<MfaOptions<TestUser>> = {},
) {
  const clock = testClock();
  const jobs: SendJob[] = [];
  const via: Delivery = {
    name: 'carrier',
    offers: [{ channel: 'sms', code: 'ours' }],
    async send(job) {
      jobs.push(job);
      return answer(job);
    },
  };
  const host = createHost(
    { store: open(clock), mfa: { factors: [totp(), sms({ via, countries: ['US'] })], ...more } },
    clock,
  );
  return { host, jobs };
}

async function signedIn(host: TestHost, name: string): Promise<Person> {
  const person = new Person(host, name);
  await person.password().expect(302);
  return person;
}

async function texts(host: TestHost, name: string, phone: string): Promise<number> {
  const person = await signedIn(host, name);
  return (await person.post('/mfa/factors/sms', { phone })).status;
}

const HERS = new Set([0, 1, 2, 3, 4, 5].map(farNumberNo));
const ADAS = farNumberNo(9);

type Rest = Parameters<typeof aHostOn> extends [unknown, ...infer Given] ? Given : never;

describe.each(stores)('on $name', ({ open }) => {
  const aHost = (...given: Rest) => aHostOn(open, ...given);

  describe('numbers that a carrier fails at', () => {
    it.each<SendResult>([DOWN, { sent: 'unknown', why: 'timeout' }, { sent: 'no', why: 'config' }])(
      'shut nobody else out, however often one person asks for them: %j',
      async (failure) => {
        const { host } = aHost(({ to }) => (HERS.has(to) ? failure : SENT));
        const mallory = await signedIn(host, 'mallory');
        for (const phone of [...HERS].slice(0, 5)) await mallory.post('/mfa/factors/sms', { phone });
        expect(await sendsCounted(host)).toBe(5);
        expect(await texts(host, 'ada', ADAS)).toBe(201);
      },
    );

    it('shut nobody else out where a carrier calls the request wrong, however many accounts ask for them', async () => {
      const { host } = aHost(({ to }) => (HERS.has(to) ? { sent: 'no', why: 'config' } : SENT));
      for (const [index, phone] of [...HERS].entries()) await texts(host, `m${index}`, phone);
      expect(await texts(host, 'ada', ADAS)).toBe(201);
    });

    it('count once, whoever asks for them', async () => {
      const { host, jobs } = aHost(({ to }) => (HERS.has(to) ? DOWN : SENT));
      for (let round = 0; round < 5; round += 1) {
        host.clock.advance(200_001);
        await texts(host, `m${round}`, farNumberNo(0));
      }
      expect(jobs).toHaveLength(5);
      expect(await texts(host, 'ada', ADAS)).toBe(201);
    });

    it('shut the carrier for a while where they are many people’s', async () => {
      let isDown = true;
      const { host, jobs } = aHost(() => (isDown ? DOWN : SENT));
      for (let index = 0; index < 5; index += 1) await texts(host, `n${index}`, farNumberNo(index));
      expect(await texts(host, 'ada', ADAS)).toBe(503);
      expect(jobs).toHaveLength(5);
      isDown = false;
      host.clock.advance(40_000);
      expect(await texts(host, 'ada', ADAS)).toBe(201);
    });
  });

  describe('a carrier that is tried out again', () => {
    it('is not kept waiting by whoever may not send', async () => {
      let answer: SendResult = SENT;
      const { host, jobs } = aHost(() => answer, { limits: { sendsPerUserHour: 1 } });
      const mallory = await signedIn(host, 'mallory');
      await mallory.post('/mfa/factors/sms', { phone: farNumberNo(0) }).expect(201);
      answer = { sent: 'no', why: 'auth' };
      expect(await texts(host, 'bob', farNumberNo(1))).toBe(503);
      answer = SENT;
      host.clock.advance(40_000);
      await mallory.post('/mfa/factors/sms', { phone: farNumberNo(2) }).expect(429);
      expect(await texts(host, 'ada', ADAS)).toBe(201);
      expect(jobs).toHaveLength(3);
    });

    it('is kept for those it did not fail first', async () => {
      let isDown = true;
      const { host } = aHost(() => (isDown ? DOWN : SENT));
      for (let index = 0; index < 5; index += 1) await texts(host, `n${index}`, farNumberNo(index));
      isDown = false;
      host.clock.advance(40_000);
      expect(await texts(host, 'n0', farNumberNo(6))).toBe(503);
      expect(await texts(host, 'ada', ADAS)).toBe(201);
    });

    it('is tried out by one of those too, when nobody else has', async () => {
      let isDown = true;
      const { host } = aHost(() => (isDown ? DOWN : SENT));
      for (let index = 0; index < 5; index += 1) await texts(host, `n${index}`, farNumberNo(index));
      isDown = false;
      host.clock.advance(80_000);
      expect(await texts(host, 'n0', farNumberNo(6))).toBe(201);
    });
  });
});
