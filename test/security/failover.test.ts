/** Two carriers behind one factor: whom a code goes by, and what nobody may be led to do twice. */
import { describe, expect, it } from '@jest/globals';
import type { FailureClass } from '../../src/core/delivery.js';
import { type Delivery, type MfaOptions, type SendJob, type SendResult, sms, totp } from '../../src/index.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { together } from '../support/listen.js';
import { Person } from '../support/person.js';
import { sendsCounted } from '../support/texting.js';

const PHONE = '+12125550100';
const SENT: SendResult = { sent: 'yes', ref: 'ref', codeOwner: 'ours' };

type Answer = (job: SendJob, signal: AbortSignal) => SendResult | Promise<SendResult>;

interface Carrier extends Delivery {
  readonly jobs: SendJob[];
  readonly confirmed: string[];
  answer: Answer;
}

/** Carries codes of ours, and answers as the test says. */
function carrier(name: string): Carrier {
  const jobs: SendJob[] = [];
  const confirmed: string[] = [];
  return {
    name,
    jobs,
    confirmed,
    answer: () => SENT,
    offers: [{ channel: 'sms', code: 'ours' }],
    async send(job, { signal }) {
      jobs.push(job);
      return await this.answer(job, signal);
    },
    async confirm(ref) {
      confirmed.push(ref);
    },
  };
}

interface Scene {
  readonly host: TestHost;
  readonly ada: Person;
  readonly phone: string;
  readonly first: Carrier;
  readonly second: Carrier;
  asks(): ReturnType<Person['post']>;
  /** What was kept of the send, while it is open. */
  kept(): Promise<unknown>;
}

/** Ada with a phone, at the second step, and two carriers that have done nothing yet. */
async function twoCarriers(options: Partial<MfaOptions<TestUser>> = {}): Promise<Scene> {
  const [first, second] = [carrier('first'), carrier('second')];
  const host = createHost(
    { mfa: { factors: [totp(), sms({ via: [first, second], countries: ['US'] })], ...options } },
    testClock(),
  );
  const ada = await new Person(host, 'ada').enrolsTotp();
  const begun = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: first.jobs[0]?.code }).expect(200);
  host.clock.advance(86_400_000);
  host.events.length = 0;
  first.jobs.length = 0;
  first.confirmed.length = 0;
  const browser = ada.elsewhere();
  await browser.password().expect(200);
  const asks = () => browser.post('/mfa/challenge', { factorId: begun.body.id });
  async function kept() {
    const [challenges = []] = await host.store.read('u:user-ada', [{ kind: 'challenge' }]);
    return (challenges[0]?.data as { hops?: unknown } | undefined)?.hops;
  }
  return { host, ada: browser, phone: begun.body.id, first, second, asks, kept };
}

const HOPS_ON: readonly FailureClass[] = [
  'unavailable',
  'timeout',
  'auth',
  'config',
  'channel_unavailable',
  'spend_limit',
  'rate_limited',
];
const STOPS: readonly [FailureClass, number, string][] = [
  ['blocked', 422, 'destination_refused'],
  ['invalid_destination', 422, 'destination_refused'],
  ['landline', 422, 'destination_refused'],
  ['opted_out', 422, 'destination_refused'],
  ['unreachable', 422, 'destination_refused'],
  ['resend_limit', 429, 'send_limited'],
  ['filtered', 503, 'delivery_unavailable'],
];

describe('P04 a carrier that surely sent nothing', () => {
  it.each(HOPS_ON)('%s: the other brings the same code, once', async (why) => {
    const { host, ada, phone, first, second, asks } = await twoCarriers();
    first.answer = () => ({ sent: 'no', why });
    await asks().expect(202);
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 1]);
    expect(second.jobs[0]).toEqual(first.jobs[0]);
    expect(await sendsCounted(host)).toBe(1);
    expect(host.events.filter(({ type }) => type === 'challenge.sent')).toMatchObject([
      { carriers: ['first', 'second'], factor: 'sms' },
    ]);
    await ada.verify({ factorId: phone, code: second.jobs[0]?.code }).expect(200);
  });

  it.each(STOPS)('%s: nobody else is asked, and it is %i %s', async (why, status, code) => {
    const { first, second, asks } = await twoCarriers();
    first.answer = () => ({ sent: 'no', why });
    expect((await asks().expect(status)).body.code).toBe(code);
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 0]);
  });

  it('is followed by one other, not by all there are', async () => {
    const third = carrier('third');
    const [first, second] = [carrier('first'), carrier('second')];
    const host = createHost({ mfa: { factors: [totp(), sms({ via: [first, second, third], countries: ['US'] })] } });
    first.answer = second.answer = () => ({ sent: 'no', why: 'unavailable' });
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(503);
    expect([first, second, third].map(({ jobs }) => jobs.length)).toEqual([1, 1, 0]);
  });
});

describe('P04 a carrier that may have sent the code', () => {
  it('is followed by the other with the same code; either text works, once', async () => {
    const { ada, phone, first, second, asks, kept } = await twoCarriers();
    first.answer = () => ({ sent: 'unknown', why: 'timeout' });
    await asks().expect(202);
    expect(second.jobs[0]?.code).toBe(first.jobs[0]?.code);
    expect(await kept()).toEqual([
      { carrier: 'first', sent: 'unknown' },
      { carrier: 'second', sent: 'yes', ref: 'ref' },
    ]);
    const code = first.jobs[0]?.code;
    await ada.verify({ factorId: phone, code }).expect(200);
    const again = ada.elsewhere();
    await again.password().expect(200);
    await again.verify({ factorId: phone, code }).expect(410);
  });

  it('has sent it as far as anybody knows, whatever the other says', async () => {
    const { ada, phone, first, second, asks } = await twoCarriers();
    first.answer = () => ({ sent: 'unknown', why: 'timeout' });
    second.answer = () => ({ sent: 'no', why: 'blocked' });
    await asks().expect(202);
    await ada.verify({ factorId: phone, code: first.jobs[0]?.code }).expect(200);
  });

  it('hangs: it is given half of the time, and the other the rest', async () => {
    const { first, second, asks } = await twoCarriers({ sendTimeout: 400 });
    let aborted = false;
    first.answer = (_job, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          resolve({ sent: 'unknown', why: 'timeout' });
        });
      });
    await asks().expect(202);
    expect([aborted, second.jobs.length]).toEqual([true, 1]);
  });
});

describe('a call is written down before it is made', () => {
  it('also the second one', async () => {
    const { first, second, asks, kept } = await twoCarriers();
    const seen: unknown[] = [];
    first.answer = async () => {
      seen.push(await kept());
      return { sent: 'no', why: 'unavailable' };
    };
    second.answer = async () => {
      seen.push(await kept());
      return SENT;
    };
    await asks().expect(202);
    expect(seen).toEqual([
      [{ carrier: 'first', sent: 'calling' }],
      [
        { carrier: 'first', sent: 'no', why: 'unavailable' },
        { carrier: 'second', sent: 'calling' },
      ],
    ]);
  });

  it('and the second one is not made for a sign-in that is over', async () => {
    const { ada, first, second, asks } = await twoCarriers();
    first.answer = async () => {
      await ada.elsewhere().host.mfa.api.credentialsChanged('user-ada');
      return { sent: 'no', why: 'unavailable' };
    };
    const { status } = await asks();
    expect(status).toBeGreaterThanOrEqual(400);
    expect(second.jobs).toEqual([]);
  });
});

describe('a resend', () => {
  it('goes by the carrier that has not been asked', async () => {
    const { host, first, second, asks } = await twoCarriers();
    await asks().expect(202);
    host.clock.advance(30_000);
    await asks().expect(202);
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 1]);
  });
});

describe('carriers that keep failing', () => {
  it('are not called any more, and nobody’s budget pays for that', async () => {
    const { host, first, second, asks } = await twoCarriers();
    first.answer = second.answer = () => ({ sent: 'no', why: 'auth' });
    await asks().expect(503);
    const counted = await sendsCounted(host);
    host.clock.advance(1_000);
    const { headers, body } = await asks().expect(503);
    expect([body.code, Number(headers['retry-after']) > 0]).toEqual(['delivery_unavailable', true]);
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 1]);
    expect(await sendsCounted(host)).toBe(counted);
  });

  it('leave the other one to it, and are tried again after half a minute', async () => {
    const { host, first, second, asks } = await twoCarriers();
    first.answer = () => ({ sent: 'no', why: 'auth' });
    await asks().expect(202);
    first.answer = () => SENT;
    const bob = await new Person(host, 'bob').enrolsTotp();
    await bob.post('/mfa/factors/sms', { phone: '+13125550177' }).expect(201);
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 2]);
    host.clock.advance(40_000);
    const cy = await new Person(host, 'cy').enrolsTotp();
    await cy.post('/mfa/factors/sms', { phone: '+14155550177' }).expect(201);
    expect([first.jobs.length, second.jobs.length]).toEqual([2, 2]);
  });

  it('leave other kinds of factor as they are', async () => {
    const { ada, first, second, asks } = await twoCarriers();
    first.answer = second.answer = () => ({ sent: 'no', why: 'unavailable' });
    await asks().expect(503);
    await ada.verify({ code: ada.nextCode() }).expect(200);
  });
});

describe('many at once', () => {
  it('twenty clicks while the first carrier is down make one code and two calls', async () => {
    const { first, second, asks } = await twoCarriers();
    first.answer = () => ({ sent: 'no', why: 'unavailable' });
    const answers = await together(20, () => asks());
    expect(answers.map(({ status, body }) => `${status} ${body.challengeId}`)).toEqual(
      Array.from({ length: 20 }, () => `202 ${answers[0]?.body.challengeId}`),
    );
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 1]);
  });
});

describe('a right answer', () => {
  it('is told to the carriers that know the send, when the person is through', async () => {
    const { ada, phone, first, second, asks } = await twoCarriers();
    await asks().expect(202);
    const heard = new Promise<string>((resolve) => {
      first.confirm = async (ref) => resolve(ref);
    });
    await ada.verify({ factorId: phone, code: first.jobs[0]?.code }).expect(200);
    expect(await heard).toBe('ref');
    expect(second.confirmed).toEqual([]);
  });

  it('stands whatever a carrier does then', async () => {
    const { ada, phone, first, asks } = await twoCarriers();
    await asks().expect(202);
    first.confirm = () => Promise.reject(new Error('down'));
    await ada.verify({ factorId: phone, code: first.jobs[0]?.code }).expect(200);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['answers with nothing', () => undefined],
  ])('stands also where a factor of somebody’s own %s then', async (_what, confirm) => {
    const via = carrier('carrier');
    const phones = { ...sms({ via, countries: ['US'] }), confirm: confirm as never };
    const host = createHost({ mfa: { factors: [phones] } }, testClock());
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: via.jobs.at(-1)?.code }).expect(200);
    host.clock.advance(86_400_000);
    const browser = ada.elsewhere();
    await browser.password().expect(200);
    await browser.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    await browser.verify({ factorId: begun.body.id, code: via.jobs.at(-1)?.code }).expect(200);
  });
});
