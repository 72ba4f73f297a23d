/** P10 Somebody clicks twice, or a browser sends a request again: one text, one code, one charge, and the answer of the first. */
import { describe, expect, it } from '@jest/globals';
import { type Delivery, type SendResult, type Store, sms, totp } from '../../src/index.js';
import { memoryStore } from '../../src/stores/memory.js';
import { addsPhoneAt, textsOf, withAda } from '../support/ada-at-two.js';
import { guesses, waits } from '../support/guess.js';
import { createHost, testClock } from '../support/host.js';
import { listening, together } from '../support/listen.js';
import { Person } from '../support/person.js';
import { adaWithPhone, PHONE, sendsCounted } from '../support/texting.js';

async function adaAtTwo() {
  const host = await listening(createHost({}, testClock()));
  const { ada, phone } = await adaWithPhone(host);
  const browser = ada.elsewhere();
  await browser.password().expect(200);
  host.events.length = 0;
  return { host, browser, phone, asks: () => browser.post('/mfa/challenge', { factorId: phone }) };
}

/** Answers when it is told to. */
function heldCarrier() {
  let answer: (result: SendResult) => void = () => undefined;
  let called: () => void = () => undefined;
  const calls: string[] = [];
  const isCalled = new Promise<void>((resolve) => {
    called = resolve;
  });
  const delivery: Delivery = {
    name: 'held',
    offers: [{ channel: 'sms', code: 'ours' }],
    send({ code = '' }) {
      calls.push(code);
      called();
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  };
  return { delivery, calls, isCalled, answers: (result: SendResult) => answer(result) };
}

const SENT: SendResult = { sent: 'yes', ref: 'ref', codeOwner: 'ours' };

describe('a second click on “send a code”', () => {
  it('is answered with the send of the first, and nothing is sent, counted or said', async () => {
    const { host, browser, phone, asks } = await adaAtTwo();
    const first = await asks().expect(202);
    host.clock.advance(4_999);
    const second = await asks().expect(202);
    expect(second.body).toEqual(first.body);
    expect(host.inbox.messages()).toHaveLength(1);
    expect(await sendsCounted(host)).toBe(1);
    expect(host.events.map(({ type }) => type)).toEqual(['challenge.sent']);
    await browser.verify({ factorId: phone, code: host.inbox.messages()[0]?.code }).expect(200);
  });

  it('as a page goes on to the code, too', async () => {
    const { host, browser, phone } = await adaAtTwo();
    const page = `/mfa/challenge?factor=${phone}`;
    const click = () => browser.submits(page, '/mfa/challenge', { factorId: phone });
    const [first, second] = await together(2, click);
    expect([first?.status, second?.status]).toEqual([303, 303]);
    expect(second?.headers.location).toBe(first?.headers.location);
    expect(host.inbox.messages()).toHaveLength(1);
  });

  it('five seconds later it is somebody who wants another code, and is told to wait', async () => {
    const { host, asks } = await adaAtTwo();
    await asks().expect(202);
    host.clock.advance(5_000);
    expect((await asks().expect(429)).body.code).toBe('send_limited');
    expect(host.inbox.messages()).toHaveLength(1);
  });

  it('of a resend is answered with the resend, not with the code before', async () => {
    const { host, asks } = await adaAtTwo();
    const before = await asks().expect(202);
    host.clock.advance(30_000);
    const answers = await together(5, asks);
    const ids = new Set(answers.map(({ status, body }) => `${status} ${body.challengeId}`));
    expect(ids.size).toBe(1);
    expect([...ids][0]).not.toContain(before.body.challengeId);
    expect(host.inbox.messages()).toHaveLength(2);
  });

  it('is no way to a challenge that is out of tries', async () => {
    const { browser, phone, asks } = await adaAtTwo();
    await asks().expect(202);
    await guesses(browser, 5, phone);
    await asks().expect(429);
  });

  it('of another sign-in of the same person is a send of its own', async () => {
    const { host, browser, phone, asks } = await adaAtTwo();
    const first = await asks().expect(202);
    const other = browser.elsewhere();
    await other.password().expect(200);
    const second = await other.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect(second.body.challengeId).not.toBe(first.body.challengeId);
    expect(host.inbox.messages()).toHaveLength(2);
  });
});

describe('a second click while the carrier has not answered', () => {
  async function held() {
    const carrier = heldCarrier();
    const factors = [totp(), sms({ via: carrier.delivery, countries: ['US'] })];
    const host = await listening(createHost({ mfa: { factors } }, testClock()));
    const ada = await new Person(host, 'ada').enrolsTotp();
    const click = () => ada.post('/mfa/factors/sms', { phone: PHONE }).then((answer) => answer);
    return { ada, carrier, click };
  }

  it('waits for what comes of the first: sent', async () => {
    const { carrier, click } = await held();
    const first = click();
    await carrier.isCalled;
    const second = click();
    carrier.answers(SENT);
    const [one, two] = await Promise.all([first, second]);
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(two.body).toEqual(one.body);
    expect(carrier.calls).toHaveLength(1);
  });

  it('waits for what comes of the first: not sent', async () => {
    const { carrier, click } = await held();
    const first = click();
    await carrier.isCalled;
    const second = click();
    carrier.answers({ sent: 'no', why: 'blocked' });
    const [one, two] = await Promise.all([first, second]);
    expect([one.status, two.status]).toEqual([422, 422]);
    expect(two.body.code).toBe('destination_refused');
    expect(carrier.calls).toHaveLength(1);
  });
});

describe('a second click on what came to nothing', () => {
  /** Ada in a browser where a phone waits to be asked, and one where another can be set up; from now on the carrier and the host answer as told. */
  async function failing(answer: SendResult, may = true) {
    const calls: string[] = [];
    let [result, allowed]: [SendResult, boolean] = [SENT, true];
    const delivery: Delivery = {
      name: 'failing',
      offers: [{ channel: 'sms', code: 'ours' }],
      send({ code = '' }) {
        calls.push(code);
        return Promise.resolve(result);
      },
    };
    const factors = [totp(), sms({ via: delivery, countries: ['US'] })];
    const host = await listening(createHost({ mfa: { factors, beforeChallenge: () => allowed } }, testClock()));
    const ada = await new Person(host, 'ada').enrolsTotp();
    const { body } = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    await ada.post(`/mfa/factors/${body.id}/confirm`, { code: calls.at(-1) }).expect(200);
    host.clock.advance(86_400_000);
    const browser = await waits(ada.elsewhere());
    await ada.verify({ factorId: 'totp', code: ada.nextCode() }).expect(200);
    calls.length = 0;
    [result, allowed] = [answer, may];
    return {
      host,
      calls,
      asks: () => browser.post('/mfa/challenge', { factorId: body.id }),
      begins: () => ada.post('/mfa/factors/sms', { phone: '+13125550177' }),
      mends() {
        [result, allowed] = [SENT, true];
      },
    };
  }

  const ENDS: [SendResult, number, string][] = [
    [{ sent: 'no', why: 'blocked' }, 422, 'destination_refused'],
    [{ sent: 'no', why: 'unavailable' }, 503, 'delivery_unavailable'],
    [{ sent: 'no', why: 'rate_limited', retryAfterMs: 7_000 }, 429, 'send_limited'],
  ];

  it.each(ENDS)('of a challenge, %j: has the answer of the first, %i %s; later it is the pause', async (...ends) => {
    const [answer, status, code] = ends;
    const { host, calls, asks, mends } = await failing(answer);
    const first = await asks().expect(status);
    mends();
    host.clock.advance(4_999);
    const second = await asks().expect(status);
    expect([second.body.code, second.headers['retry-after']]).toEqual([code, first.headers['retry-after']]);
    host.clock.advance(1);
    expect((await asks().expect(429)).headers['retry-after']).toBe('25');
    expect(calls).toHaveLength(1);
    host.clock.advance(25_000);
    await asks().expect(202);
  });

  it.each(ENDS)('of a set-up, %j: has the answer of the first, %i %s; later it is another try', async (...ends) => {
    const [answer, status, code] = ends;
    const { host, calls, begins, mends } = await failing(answer);
    const first = await begins().expect(status);
    mends();
    host.clock.advance(4_999);
    const second = await begins().expect(status);
    expect([second.body.code, second.headers['retry-after']]).toEqual([code, first.headers['retry-after']]);
    expect(calls).toHaveLength(1);
    host.clock.advance(1);
    await begins().expect(201);
  });

  it('is another try at once where nobody was called', async () => {
    const { host, calls, begins, mends } = await failing(SENT, false);
    const before = await sendsCounted(host);
    for (let tried = 0; tried < 2; tried += 1)
      expect((await begins().expect(422)).body.code).toBe('destination_refused');
    mends();
    await begins().expect(201);
    expect([calls.length, await sendsCounted(host)]).toEqual([1, before + 1]);
  });
});

describe('a second click while the first is counted and not yet written down', () => {
  /** Once armed: the next record of the kind is written down when somebody has looked for it in vain. */
  function lateStore(inner: Store) {
    let kind: string | undefined;
    let held: () => void = () => undefined;
    let looked: () => void = () => undefined;
    let written: Promise<unknown> | undefined;
    const store: Store = {
      ...inner,
      async read(owner, refs) {
        const found = await inner.read(owner, refs);
        if (!written || refs[0]?.kind !== kind) return found;
        looked();
        await written;
        return found;
      },
      async commit(owner, step) {
        const isIt = kind !== undefined && step.writes?.some((write) => write.do === 'put' && write.kind === kind);
        if (!isIt || written) return await inner.commit(owner, step);
        const writing = new Promise<void>((resolve) => {
          looked = resolve;
        }).then(() => inner.commit(owner, step));
        written = writing;
        held();
        return await writing;
      },
    };
    return {
      store,
      /** Resolves when the record is held back. */
      async isHeld(of: string): Promise<void> {
        kind = of;
        await new Promise<void>((resolve) => {
          held = resolve;
        });
      },
    };
  }

  it.each([1, 2, 3, 4])('has the answer of the first, at code %i of 4', async (code) => {
    const clock = testClock();
    const late = lateStore(memoryStore({ clock }));
    const host = await listening(createHost({ store: late.store, mfa: { limits: { sendsPerNumber10Min: 5 } } }, clock));
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    const asks = () =>
      browser
        .post('/mfa/challenge', { factorId: phone })
        .then(({ status, body }) => `${status} ${String(body.challengeId)}`);
    for (const pause of [30_000, 60_000, 120_000].slice(0, code - 1)) {
      expect(await asks()).toMatch(/^202 /);
      clock.advance(pause);
    }
    const held = late.isHeld('challenge');
    const first = asks();
    await held;
    expect(await asks()).toBe(await first);
    expect(await first).toMatch(/^202 /);
    expect(host.inbox.messages()).toHaveLength(code);
  });

  it('looks once, and waits for nobody, where the last code went out before', async () => {
    const clock = testClock();
    const inner = memoryStore({ clock });
    let looks = 0;
    const store: Store = {
      ...inner,
      read(owner, refs) {
        if (refs[0]?.kind === 'challenge') looks += 1;
        return inner.read(owner, refs);
      },
    };
    const host = await listening(createHost({ store, mfa: { limits: { sendsPerNumber10Min: 5 } } }, clock));
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    const asks = () => browser.post('/mfa/challenge', { factorId: phone });
    for (const pause of [30_000, 60_000, 120_000, 5_000]) {
      await asks().expect(202);
      clock.advance(pause);
    }
    expect((await asks().expect(429)).body.code).toBe('send_limited');
    expect(looks).toBe(1);
  });
});

describe('a code whose process stood still before it was written down', () => {
  it.each(['the first', 'the second'])('is not sent once a later one is out: %s of a sign-in', async (which) => {
    const clock = testClock();
    const still = stillStore(memoryStore({ clock }));
    const host = await listening(createHost({ store: still.store }, clock));
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    const asks = () => browser.post('/mfa/challenge', { factorId: phone }).then((answer) => answer);
    if (which === 'the second') expect((await asks()).status).toBe(202);
    clock.advance(60_000);
    const held = still.standsStill();
    const late = asks();
    const goesOn = await held;
    clock.advance(60_000);
    const later = await asks();
    expect(later.status).toBe(202);
    const sent = host.inbox.messages().length;
    goesOn();
    expect([(await late).status, (await late).body.code]).toEqual([409, 'conflict']);
    expect(host.inbox.messages()).toHaveLength(sent);
    await browser.verify({ factorId: phone, code: host.inbox.messages().at(-1)?.code }).expect(200);
  });

  /** The next challenge that is written down waits until it is told to go on; those after it do not. */
  function stillStore(inner: Store) {
    let standing: ((goOn: () => void) => void) | undefined;
    const store: Store = {
      ...inner,
      async commit(owner, step) {
        const stands = standing;
        if (!stands || !step.writes?.some((write) => write.do === 'put' && write.kind === 'challenge'))
          return await inner.commit(owner, step);
        standing = undefined;
        await new Promise<void>(stands);
        return await inner.commit(owner, step);
      },
    };
    /** Resolves when it stands still, with what lets it go on. */
    const standsStill = () =>
      new Promise<() => void>((resolve) => {
        standing = resolve;
      });
    return { store, standsStill };
  }
});

describe('a second click on “set up”', () => {
  it('begins one set-up with one code', async () => {
    const host = await listening(createHost({}, testClock()));
    const ada = await new Person(host, 'ada').enrolsTotp();
    const answers = await together(10, () => ada.post('/mfa/factors/sms', { phone: PHONE }));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(host.inbox.messages()).toHaveLength(1);
    expect(await sendsCounted(host)).toBe(1);
    await ada.post(`/mfa/factors/${answers[9]?.body.id}/confirm`, { code: ada.texted() }).expect(200);
  });

  it('and on “send again” sends one more', async () => {
    const host = await listening(createHost({}, testClock()));
    const ada = await new Person(host, 'ada').enrolsTotp();
    const { body } = await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    host.clock.advance(30_000);
    const answers = await together(5, () => ada.post(`/mfa/factors/${body.id}/resend`));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(host.inbox.messages()).toHaveLength(2);
    await ada.post(`/mfa/factors/${body.id}/confirm`, { code: ada.texted() }).expect(200);
  });

  it('of another number is another set-up', async () => {
    const host = await listening(createHost({}, testClock()));
    const ada = await new Person(host, 'ada').enrolsTotp();
    const [one, two] = await Promise.all(
      [PHONE, '+13125550177'].map((phone) => ada.post('/mfa/factors/sms', { phone }).expect(201)),
    );
    expect(one?.body.id).not.toBe(two?.body.id);
    expect(host.inbox.messages()).toHaveLength(2);
  });
});

describe('a second click that another process takes', () => {
  it('has the answer of the first', async () => {
    const { rig, ada } = await withAda('sqlite');
    const phone = await addsPhoneAt(rig, ada);
    const before = new Set((await textsOf(rig)).map(({ code }) => code));
    const browser = await waits(rig.elsewhere(ada, rig.one));
    const same = rig.at(browser, rig.two);
    const answers = await Promise.all(
      [browser, same, browser, same].map((each) => each.post('/mfa/challenge', { factorId: phone }).expect(202)),
    );
    expect(new Set(answers.map(({ body }) => body.challengeId)).size).toBe(1);
    const texts = await textsOf(rig);
    expect(texts).toHaveLength(before.size + 1);
    await same.verify({ factorId: phone, code: texts.find(({ code }) => !before.has(code))?.code }).expect(200);
  });
});
