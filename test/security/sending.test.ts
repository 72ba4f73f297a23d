import { describe, expect, it } from '@jest/globals';
import { type Delivery, type MfaOptions, type SendResult, sms, totp } from '../../src/index.js';
import { guesses, lockedFor, standing, waits, wrongCode } from '../support/guess.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { listening, statuses, together } from '../support/listen.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';
import { adaWithPhone, farNumberNo, numberNo, PHONE, sendsCounted, sendsOf, WIDE_SENDS } from '../support/texting.js';

type Mfa = Partial<MfaOptions<TestUser>>;

/** A delivery that does what the test says. */
function carrier(answer: (to: string) => Promise<SendResult> | SendResult) {
  const calls: string[] = [];
  const delivery: Delivery = {
    name: 'carrier',
    offers: [{ channel: 'sms', code: 'ours' }],
    async send({ to }) {
      calls.push(to);
      return await answer(to);
    },
  };
  return { delivery, calls };
}

describe.each(stores)('P04 budgets of texts, on $name', ({ open }) => {
  async function aHost(limits: Mfa['limits'] = {}): Promise<TestHost> {
    const clock = testClock();
    return await listening(createHost({ store: open(clock), mfa: { limits } }, clock));
  }

  /** So many people, all at once, each asking for a text to a number. */
  async function allAtOnce(host: TestHost, people: number, phone: (index: number) => string) {
    const crowd = await together(people, async (index) => {
      const somebody = new Person(host, `n${index}`);
      await somebody.password().expect(302);
      return somebody;
    });
    return await Promise.all(crowd.map((one, index) => one.post('/mfa/factors/sms', { phone: phone(index) })));
  }

  it('sends one text of fifty that one sign-in asks for at once', async () => {
    const host = await aHost();
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    const answers = await together(50, () => browser.post('/mfa/challenge', { factorId: phone }));
    expect(statuses(answers)).toEqual({ 202: 50 });
    expect(new Set(answers.map(({ body }) => body.challengeId)).size).toBe(1);
    expect(host.inbox.messages()).toHaveLength(1);
    expect(await sendsCounted(host)).toBe(1);
    host.clock.advance(5_000);
    const { headers, body } = await browser.post('/mfa/challenge', { factorId: phone }).expect(429);
    expect([body.code, headers['retry-after']]).toEqual(['send_limited', '25']);
  });

  it('sends one user five an hour, over however many sign-ins', async () => {
    const host = await aHost({ ...WIDE_SENDS, sendsPerUserHour: 5 });
    const { ada, phone } = await adaWithPhone(host);
    const browsers = await together(50, () => waits(ada.elsewhere()));
    const answers = await Promise.all(browsers.map((one) => one.post('/mfa/challenge', { factorId: phone })));
    expect(statuses(answers)).toEqual({ 202: 5, 429: 45 });
    expect(host.inbox.messages()).toHaveLength(5);
    expect(await sendsOf(host, 'user-ada')).toBe(5);
  });

  it('sends one number three in ten minutes, five an hour and ten a day, whoever asks', async () => {
    const host = await aHost();
    const answers = await allAtOnce(host, 50, () => PHONE);
    expect(statuses(answers)).toEqual({ 201: 3, 429: 47 });
    expect(host.inbox.messages()).toHaveLength(3);
    for (const { status, headers } of answers) if (status === 429) expect(headers['retry-after']).toBe('600');

    const sentAfter: number[] = [];
    for (let minutes = 10; minutes <= 24 * 60; minutes += 10) {
      host.clock.advance(600_000);
      const before = host.inbox.messages().length;
      const somebody = new Person(host, `later${minutes}`);
      await somebody.password().expect(302);
      await somebody.post('/mfa/factors/sms', { phone: PHONE });
      if (host.inbox.messages().length > before) sentAfter.push(minutes);
      if (sentAfter.length === 8) break;
    }
    // Two more in the first hour, five in the second; then the day is full until it is over.
    expect(sentAfter).toEqual([10, 20, 60, 70, 80, 90, 100, 24 * 60]);
  });

  it('sends numbers that differ in the last four digits five in ten minutes', async () => {
    const host = await aHost({ sendsPerIpHour: 10_000 });
    const answers = await allAtOnce(host, 50, numberNo);
    expect(statuses(answers)).toEqual({ 201: 5, 429: 45 });
    expect(host.inbox.messages()).toHaveLength(5);
  });

  it('sends ten an hour for one address', async () => {
    const host = await aHost();
    const answers = await allAtOnce(host, 50, farNumberNo);
    expect(statuses(answers)).toEqual({ 201: 10, 429: 40 });
    expect(host.inbox.messages()).toHaveLength(10);
  });

  it('sends no more in a day than the budget, to whomever, and says so to the host: set-ups have three quarters of it', async () => {
    const host = await aHost({ ...WIDE_SENDS, sendsPerDay: 8 });
    const answers = await allAtOnce(host, 50, farNumberNo);
    expect(statuses(answers)).toEqual({ 201: 6, 429: 44 });
    expect(host.inbox.messages()).toHaveLength(6);
    const refused = host.events.filter((event) => event.type === 'challenge.send_failed');
    expect(refused).toHaveLength(44);
    expect(refused[0]).toMatchObject({ why: 'limited', channel: 'sms', factor: 'sms' });
  });

  it('counts what was refused nowhere: the others’ budgets stand as if nobody had asked', async () => {
    const host = await aHost({ ...WIDE_SENDS, sendsPerUserHour: 2 });
    const { ada, phone } = await adaWithPhone(host);
    const browsers = await together(30, () => waits(ada.elsewhere()));
    await Promise.all(browsers.map((one) => one.post('/mfa/challenge', { factorId: phone })));
    expect(await sendsCounted(host)).toBe(2);
    const bob = new Person(host, 'bob');
    await bob.password().expect(302);
    await bob.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
  });

  it('takes no place in the user’s own budgets when what is shared is full', async () => {
    const host = await aHost({ ...WIDE_SENDS, sendsPerNumber10Min: 1 });
    const { ada, phone } = await adaWithPhone(host);
    const first = await waits(ada.elsewhere());
    await first.post('/mfa/challenge', { factorId: phone }).expect(202);
    const browser = await waits(ada.elsewhere());
    for (let asked = 0; asked < 10; asked += 1) {
      const { headers } = await browser.post('/mfa/challenge', { factorId: phone }).expect(429);
      expect(headers['retry-after']).toBe('600');
    }
    expect(await sendsOf(host, 'user-ada')).toBe(1);
    host.clock.advance(600_000);
    const later = await waits(ada.elsewhere());
    await later.post('/mfa/challenge', { factorId: phone }).expect(202);
  });

  it('waits 30, 60 and 120 seconds between the codes of a challenge, and says how long', async () => {
    const host = await aHost(WIDE_SENDS);
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    for (const wait of [30, 60, 120]) {
      const { body } = await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
      expect(Date.parse(body.resendAt)).toBe(host.clock() + wait * 1000);
      host.clock.advance(5_000);
      const early = await browser.post('/mfa/challenge', { factorId: phone }).expect(429);
      expect([early.body.code, early.headers['retry-after']]).toEqual(['send_limited', String(wait - 5)]);
      host.clock.advance(wait * 1000 - 5_001);
      await browser.post('/mfa/challenge', { factorId: phone }).expect(429);
      host.clock.advance(1);
    }
    const last = await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect(last.body.resendAt).toBeUndefined();
    host.clock.advance(5_000);
    const over = await browser.post('/mfa/challenge', { factorId: phone }).expect(429);
    // The ladder ends with the life of the first code.
    expect(over.headers['retry-after']).toBe('85');
    expect(host.inbox.messages()).toHaveLength(4);
    await browser.verify({ factorId: phone, code: browser.texted() }).expect(200);
  });

  it('gives no earlier text to somebody who used the tries up, and then one that works', async () => {
    const host = await aHost(WIDE_SENDS);
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    await guesses(browser, 5, phone);
    const early = await browser.post('/mfa/challenge', { factorId: phone }).expect(429);
    expect(early.headers['retry-after']).toBe('30');
    host.clock.advance(30_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    await browser.verify({ factorId: phone, code: browser.texted() }).expect(200);
  });

  it('keeps the place of a call that failed', async () => {
    const clock = testClock();
    const { delivery, calls } = carrier(() => ({ sent: 'no', why: 'unavailable' }));
    const host = createHost(
      { store: open(clock), mfa: { factors: [totp(), sms({ via: delivery, countries: ['US'] })] } },
      clock,
    );
    for (let index = 0; index < 3; index += 1) {
      const somebody = new Person(host, `n${index}`);
      await somebody.password().expect(302);
      await somebody.post('/mfa/factors/sms', { phone: PHONE }).expect(503);
    }
    const fourth = new Person(host, 'n4');
    await fourth.password().expect(302);
    await fourth.post('/mfa/factors/sms', { phone: PHONE }).expect(429);
    expect(calls).toHaveLength(3);
    expect(await sendsCounted(host)).toBe(3);
  });

  it('sends nothing to a user who is locked for the kind, counts nothing, and says until when', async () => {
    const host = await aHost();
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    await locksSms(host, browser, phone);
    const [texts, mine, all] = [
      host.inbox.messages().length,
      await sendsOf(host, 'user-ada'),
      await sendsCounted(host),
    ];

    const locked = await waits(ada.elsewhere());
    expect(await lockedFor(locked.post('/mfa/challenge', { factorId: phone }))).toBe(900);
    await together(20, () => locked.post('/mfa/challenge', { factorId: phone }).expect(429));
    expect(host.inbox.messages()).toHaveLength(texts);
    expect([await sendsOf(host, 'user-ada'), await sendsCounted(host)]).toEqual([mine, all]);
    expect(await standing(host, 'user-ada', 'sms')).toBe(10);

    // Another kind is not locked, and neither is replacing the phone with a fresh proof.
    await locked.verify({ factorId: 'totp', code: locked.code() }).expect(200);
    await host.mfa.api.unlockUser('user-ada', { factor: 'sms' });
    const free = await waits(ada.elsewhere());
    await free.post('/mfa/challenge', { factorId: phone }).expect(202);
  });
});

/** Wrong texted codes until the kind is locked. */
async function locksSms(host: TestHost, browser: Person, phone: string): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    for (let guess = 0; guess < 5; guess += 1)
      await browser.verify({ factorId: phone, code: wrongCode(browser) }).expect(422);
    if (round > 0) return;
    host.clock.advance(60_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
  }
}

describe('P03 who can have a text sent', () => {
  it('nobody without a right password: not by number, by mail address, by id, or with the id of somebody’s factor', async () => {
    const host = createHost();
    const { phone } = await adaWithPhone(host);
    const stranger = new Person(host, 'ada');
    const bodies = [
      { factorId: phone },
      { factorId: phone, userId: 'user-ada' },
      { phone: PHONE },
      { email: 'ada@acme.example', kind: 'sms' },
      { factorId: 'sms', username: 'ada@acme.example' },
    ];
    for (const body of bodies) {
      await stranger.post('/mfa/challenge', body).expect(401);
      await stranger.post('/mfa/factors/sms', body).expect(401);
      await stranger.post(`/mfa/factors/${phone}/resend`, body).expect(401);
    }
    await stranger.password('wrong').expect(302);
    await stranger.post('/mfa/challenge', { factorId: phone }).expect(401);
    expect(host.inbox.messages()).toEqual([]);
  });

  it('a pending sign-in, to the number that is enrolled and no other, in our words', async () => {
    const host = createHost();
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    const extra = { phone: '+1 900 555 0100', phoneNumber: '+61491570156', to: '+61491570156', customCode: '000000' };
    await browser
      .post('/mfa/challenge', { factorId: phone, ...extra, template: 'You won', text: 'evil.example', locale: 'xx' })
      .expect(202);
    const [message, ...more] = host.inbox.messages();
    expect(more).toEqual([]);
    expect(message?.to).toBe(PHONE);
    expect(message?.code).not.toBe('000000');
    expect(message?.text).toBe(
      `${message?.code} is your Acme code. It works for 5 minutes. Do not share it with anyone.\n\n@acme.example #${message?.code}`,
    );
  });

  it.each([['voice'], ['email'], ['__proto__'], ['constructor'], ['SMS']])(
    'not over a channel the factor does not have: %s',
    async (channel) => {
      const host = createHost();
      const { ada, phone } = await adaWithPhone(host);
      const browser = await waits(ada.elsewhere());
      const { body } = await browser.post('/mfa/challenge', { factorId: phone, channel }).expect(422);
      expect(body).toMatchObject({ code: 'field_invalid', field: 'channel' });
      expect(host.inbox.messages()).toEqual([]);
      expect(await sendsCounted(host)).toBe(0);
    },
  );

  it('not to somebody else’s phone', async () => {
    const host = createHost();
    const { phone } = await adaWithPhone(host);
    const bob = await new Person(host, 'bob').enrolsTotp();
    const browser = await waits(bob.elsewhere());
    for (const factorId of [phone, 'sms', `${phone}x`]) await browser.post('/mfa/challenge', { factorId }).expect(404);
    await bob.post('/mfa/challenge', { factorId: phone }).expect(404);
    expect(host.inbox.messages()).toEqual([]);
  });

  it('not in a pending sign-in for a set-up, whose text costs as much', async () => {
    const host = createHost();
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    for (const path of ['/mfa/factors/sms', `/mfa/factors/${phone}/resend`, '/mfa/factors/sms.x.y/resend']) {
      const { body } = await browser.post(path, { phone: '+12125550177' }).expect(401);
      expect(body.code).toBe('mfa_required');
    }
    expect(host.inbox.messages()).toEqual([]);
  });

  it('not against the host’s veto, nor when its hook fails; nothing is counted then', async () => {
    let hook: () => boolean | undefined = () => undefined;
    const host = createHost({ mfa: { beforeChallenge: () => hook() } });
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    for (const no of [
      () => false,
      () => {
        throw new Error('the hook is broken');
      },
    ]) {
      hook = no;
      const { body } = await browser.post('/mfa/challenge', { factorId: phone }).expect(422);
      expect(body.code).toBe('destination_refused');
      await ada.verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
      await ada.post('/mfa/factors/sms', { phone: '+12125550177' }).expect(422);
    }
    expect(host.inbox.messages()).toEqual([]);
    expect(await sendsCounted(host)).toBe(0);
    expect(
      host.events.filter((event) => event.type === 'challenge.send_failed' && event.why === 'vetoed'),
    ).toHaveLength(4);
    hook = () => true;
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
  });
});

describe('whose code it is', () => {
  it('P06 two people with one phone cannot finish each other’s sign-in', async () => {
    const host = createHost({ mfa: { limits: WIDE_SENDS } });
    const { ada, phone } = await adaWithPhone(host);
    const bob = await new Person(host, 'bob').enrolsTotp();
    const begun = await bob.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    await bob.post(`/mfa/factors/${begun.body.id}/confirm`, { code: bob.texted() }).expect(200);
    const [adas, bobs] = [await waits(ada.elsewhere()), await waits(bob.elsewhere())];
    const sentToAda = await adas.post('/mfa/challenge', { factorId: phone }).expect(202);
    const adasCode = adas.texted();
    await bobs.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    await bobs.verify({ factorId: begun.body.id, code: adasCode }).expect(422);
    await bobs.verify({ factorId: phone, code: adasCode }).expect(410);
    await bobs.verify({ factorId: begun.body.id, challengeId: sentToAda.body.challengeId, code: adasCode }).expect(404);
    await bobs.verify({ factorId: phone, challengeId: sentToAda.body.challengeId, code: adasCode }).expect(404);
    await adas.verify({ factorId: phone, code: adasCode }).expect(200);
  });

  it('L06 the code of one browser is not that of another of the same user, nor the challenge', async () => {
    const host = createHost({ mfa: { limits: WIDE_SENDS } });
    const { ada, phone } = await adaWithPhone(host);
    const [one, two] = [await waits(ada.elsewhere()), await waits(ada.elsewhere())];
    const first = await one.post('/mfa/challenge', { factorId: phone }).expect(202);
    const code = one.texted();
    await two.verify({ factorId: phone, code }).expect(410);
    await two.post('/mfa/challenge', { factorId: phone }).expect(202);
    await two.verify({ factorId: phone, code }).expect(422);
    await two.verify({ factorId: phone, challengeId: first.body.challengeId, code }).expect(404);
    await one.verify({ factorId: phone, challengeId: first.body.challengeId, code }).expect(200);
  });

  it('the challenge of one phone is not that of another of the same user', async () => {
    const host = createHost({ mfa: { limits: WIDE_SENDS } });
    const { ada, phone } = await adaWithPhone(host);
    await ada.verify({ factorId: 'totp', code: ada.code() }).expect(200);
    const begun = await ada.post('/mfa/factors/sms', { phone: '+13035550101', name: 'Work' }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
    const browser = await waits(ada.elsewhere());
    const sent = await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    const code = browser.texted();
    await browser.verify({ factorId: begun.body.id, code }).expect(410);
    await browser.verify({ factorId: begun.body.id, challengeId: sent.body.challengeId, code }).expect(404);
    await browser.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    await browser.verify({ factorId: begun.body.id, code }).expect(422);
    await browser.verify({ factorId: phone, challengeId: sent.body.challengeId, code }).expect(200);
  });

  it('S03 the newest code counts and the older is over', async () => {
    const host = createHost({ mfa: { limits: WIDE_SENDS } });
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    const first = await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    const old = browser.texted();
    host.clock.advance(30_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    const over = await browser.verify({ factorId: phone, challengeId: first.body.challengeId, code: old }).expect(410);
    expect(over.body.code).toBe('challenge_expired');
    await browser.verify({ factorId: phone, code: old }).expect(422);
    await browser.verify({ factorId: phone, code: browser.texted() }).expect(200);
  });

  it('an answer that races with a new code signs in at most once, with one of the two', async () => {
    const host = await listening(createHost({ mfa: { limits: WIDE_SENDS } }));
    const { ada, phone } = await adaWithPhone(host);
    for (let round = 0; round < 5; round += 1) {
      host.clock.advance(3_600_000);
      const browser = await waits(ada.elsewhere());
      await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
      const old = browser.texted();
      host.clock.advance(30_000);
      const [resent, ...answers] = await Promise.all([
        browser.post('/mfa/challenge', { factorId: phone }),
        ...[1, 2, 3].map(() => browser.verify({ factorId: phone, code: old })),
      ]);
      const passed = answers.filter(({ status }) => status === 200).length;
      expect(passed).toBeLessThanOrEqual(1);
      expect([202, 401, 409, 429]).toContain(resent.status);
      await browser.get('/app').expect(passed === 1 ? 200 : 401);
    }
  });

  it('a code works for five minutes, and asking again for longer makes it no older', async () => {
    const host = createHost({ mfa: { limits: WIDE_SENDS } });
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    host.clock.advance(300_000);
    const late = await browser.verify({ factorId: phone, code: browser.texted() }).expect(410);
    expect(late.body.code).toBe('challenge_expired');
    expect(await standing(host, 'user-ada', 'sms')).toBe(0);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    host.clock.advance(299_999);
    await browser.verify({ factorId: phone, code: browser.texted() }).expect(200);
  });

  it('a replaced phone’s codes are over, and its enrolment is nobody’s', async () => {
    const host = createHost({ mfa: { limits: WIDE_SENDS } });
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    const code = browser.texted();
    await ada.verify({ factorId: 'totp', code: ada.code() }).expect(200);
    const begun = await ada.post('/mfa/factors/sms', { phone: '+13035550101', replaces: phone }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
    await browser.verify({ factorId: phone, code }).expect(401);
    const again = await waits(ada.elsewhere());
    await again.post('/mfa/challenge', { factorId: phone }).expect(404);
    await again.verify({ factorId: phone, code }).expect(410);
    await again.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    await again.verify({ factorId: begun.body.id, code: again.texted() }).expect(200);
  });
});

describe('a carrier that fails', () => {
  async function failing(answer: () => Promise<SendResult> | SendResult, mfa: Mfa = {}) {
    const clock = testClock();
    let isDown = false;
    const sent: string[] = [];
    const delivery: Delivery = {
      name: 'carrier',
      offers: [{ channel: 'sms', code: 'ours' }],
      async send({ code = '' }) {
        if (isDown) return await answer();
        sent.push(code);
        return { sent: 'yes', ref: 'r', codeOwner: 'ours' };
      },
    };
    const host = createHost({ mfa: { factors: [totp(), sms({ via: delivery, countries: ['US'] })], ...mfa } }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: sent.at(-1) }).expect(200);
    clock.advance(86_400_000);
    isDown = true;
    return { host, ada, phone: String(begun.body.id) };
  }

  const down: Record<string, () => Promise<SendResult> | SendResult> = {
    'says so': () => ({ sent: 'no', why: 'unavailable' }),
    throws: () => {
      throw new Error('secret of the carrier');
    },
    rejects: async () => await Promise.reject(new Error('secret of the carrier')),
    'answers nothing': () => undefined as unknown as SendResult,
  };

  it.each(Object.entries(down))(
    'X02 and %s: 503 with Retry-After, and the other factors work',
    async (_name, answer) => {
      const { host, ada, phone } = await failing(answer);
      const browser = await waits(ada.elsewhere());
      const { body, headers, text } = await browser.post('/mfa/challenge', { factorId: phone }).expect(503);
      expect(body.code).toBe('delivery_unavailable');
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(text).not.toContain('secret of the carrier');
      await browser.verify({ factorId: phone, code: '000000' }).expect(410);
      await browser.verify({ factorId: 'totp', code: browser.code() }).expect(200);
      expect(await sendsOf(host, 'user-ada')).toBe(1);
      expect(host.events.at(-3)).toMatchObject({ type: 'challenge.send_failed', why: 'unavailable' });
    },
  );

  it('X02 and hangs, deaf to the signal: answered within the configured time', async () => {
    const { ada, phone } = await failing(() => new Promise(() => {}), { sendTimeout: '100ms' });
    const browser = await waits(ada.elsewhere());
    // Our own code may still arrive: nobody knows, so it is good when it does.
    const { body } = await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect(body.channel).toBe('sms');
    await browser.verify({ factorId: 'totp', code: browser.code() }).expect(200);
  });

  it.each([
    ['invalid_destination', 422, 'destination_refused'],
    ['landline', 422, 'destination_refused'],
    ['opted_out', 422, 'destination_refused'],
    ['blocked', 422, 'destination_refused'],
    ['rate_limited', 429, 'send_limited'],
    ['spend_limit', 429, 'send_limited'],
    ['auth', 503, 'delivery_unavailable'],
    ['config', 503, 'delivery_unavailable'],
  ] as const)('X02 with %s is answered %i %s', async (why, status, code) => {
    const { ada, phone } = await failing(() => ({ sent: 'no', why }));
    const browser = await waits(ada.elsewhere());
    const { body, headers } = await browser.post('/mfa/challenge', { factorId: phone }).expect(status);
    expect(body.code).toBe(code);
    expect(headers['retry-after'] !== undefined).toBe(status !== 422);
  });

  it('K04 leaves neither code nor number in any event, answer or log row', async () => {
    const host = createHost({ mfa: { limits: WIDE_SENDS } });
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    const sent = await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    const code = browser.texted();
    const told = JSON.stringify([host.events, sent.body, (await host.store.scan({})).rows, host.errors]);
    expect(told).not.toContain(code);
    expect(told).not.toContain(PHONE.slice(2));
    expect(sent.body.destination).toBe('••••••••00');
    const kept = JSON.stringify(await host.store.read('u:user-ada', [{ kind: 'challenge' }, { kind: 'enrolment' }]));
    expect(kept).not.toContain(code);
    expect(kept).not.toContain(PHONE.slice(2));
  });
});
