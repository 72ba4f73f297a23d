/** P10 Somebody clicks twice, or a browser sends a request again: one text, one code, one charge, and the answer of the first. */
import { describe, expect, it } from '@jest/globals';
import { type Delivery, type SendResult, sms, totp } from '../../src/index.js';
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
    expect([one.status, two.status]).toEqual([422, 429]);
    expect(carrier.calls).toHaveLength(1);
  });
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
