/** Sign-ins whose codes Twilio Verify makes, sends and checks, against Twilio’s double over real HTTP. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { twilioVerify } from '../../src/delivery/twilio.js';
import { type MfaOptions, sms, totp, voice, whatsapp } from '../../src/index.js';
import { notFound, refusal } from '../doubles/twilio/wire.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { standing, waits } from '../support/guess.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

const [ADAS, BOBS] = ['+12125550100', '+13035550101'];
const LANDLINE = '+12025550199';

let twilio: TwilioDouble;
let host: TestHost;

beforeEach(async () => {
  const clock = testClock();
  twilio = await twilioDouble({ now: clock, landlines: [LANDLINE] });
  host = aHost({}, clock);
});
afterEach(() => twilio.close());

function aHost(mfa: Partial<MfaOptions<TestUser>>, clock = testClock()): TestHost {
  const via = twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid });
  const phone = { via, countries: ['US'] };
  return createHost({ mfa: { factors: [totp(), sms(phone), voice(phone), whatsapp(phone)], ...mfa } }, clock);
}

const codeFor = (to: string) => twilio.codeFor(to) ?? '';
const otherThan = (code: string) => (code === '424242' ? '242424' : '424242');

/** Somebody with an authenticator and a phone that takes codes over that channel; all budgets are free. */
async function withPhone(name: string, to: string, kind = 'sms'): Promise<{ person: Person; phone: string }> {
  const person = await new Person(host, name).enrolsTotp();
  const begun = await person.post(`/mfa/factors/${kind}`, { phone: to }).expect(201);
  await person.post(`/mfa/factors/${begun.body.id}/confirm`, { code: codeFor(to) }).expect(200);
  host.clock.advance(86_400_000);
  return { person, phone: String(begun.body.id) };
}

/** The same, waiting for a code in another browser. */
async function asked(name: string, to: string, kind = 'sms') {
  return await asks(await withPhone(name, to, kind));
}

async function asks({ person, phone }: { person: Person; phone: string }) {
  const browser = await waits(person.elsewhere());
  const { body } = await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
  return { browser, phone, challengeId: String(body.challengeId), person };
}

function newestVerification(): { readonly sid: string } {
  return requestsTo('Verifications').at(-1)?.reply?.body as { sid: string };
}

const requestsTo = (what: string) => twilio.exchanges.filter(({ path }) => path.endsWith(what));

describe('signing in through Twilio Verify', () => {
  it.each([
    ['sms', 'sms'],
    ['voice', 'call'],
    ['whatsapp', 'whatsapp'],
  ])('by %s', async (kind, channel) => {
    const { browser, phone, challengeId } = await asked('ada', ADAS, kind);
    expect(twilio.sent.at(-1)).toMatchObject({ channel, to: ADAS });
    const { body } = await browser.verify({ factorId: phone, challengeId, code: codeFor(ADAS) }).expect(200);
    expect(body.authenticated).toBe(true);
    await browser.get('/app').expect(200, { user: 'user-ada' });
  });

  it('refuses a wrong code, which Twilio answers with 200 and `pending`, and counts it', async () => {
    const { browser, phone } = await asked('ada', ADAS);
    const { body } = await browser.verify({ factorId: phone, code: otherThan(codeFor(ADAS)) }).expect(422);
    expect(body).toMatchObject({ code: 'code_wrong', attemptsLeft: 4 });
    expect(twilio.exchanges.at(-1)?.reply).toMatchObject({ status: 200, body: { status: 'pending' } });
    expect(await standing(host, 'user-ada', 'sms')).toBe(1);
    await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(200);
    expect(await standing(host, 'user-ada', 'sms')).toBe(0);
  });

  it('asks Twilio nothing for what cannot be a code', async () => {
    const { browser, phone } = await asked('ada', ADAS);
    const before = twilio.exchanges.length;
    for (const code of ['12345', '1234567', '１２３４５６', 'abcdef', '*', '', ['123456'], { $ne: '' }, 123456])
      await browser.verify({ factorId: phone, code }).expect(422);
    expect(twilio.exchanges).toHaveLength(before);
    expect(await standing(host, 'user-ada', 'sms')).toBe(0);
  });

  it('takes a code once', async () => {
    const { browser, phone, person } = await asked('ada', ADAS);
    const code = codeFor(ADAS);
    await browser.verify({ factorId: phone, code }).expect(200);
    const again = await waits(person.elsewhere());
    await again.verify({ factorId: phone, code }).expect(410);
    host.clock.advance(30_000);
    await again.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect(codeFor(ADAS)).not.toBe(code);
    await again.verify({ factorId: phone, code }).expect(422);
  });
});

describe('whose verification it is', () => {
  it('P06 neither another user’s code nor another user’s challenge is any use', async () => {
    const phones = [await withPhone('ada', ADAS), await withPhone('bob', BOBS)];
    const [ada, bob] = await Promise.all(phones.map(asks));
    if (!ada || !bob) throw new Error('nobody asked');
    await bob.browser.verify({ factorId: bob.phone, code: codeFor(ADAS) }).expect(422);
    await bob.browser.verify({ factorId: bob.phone, challengeId: ada.challengeId, code: codeFor(ADAS) }).expect(404);
    await bob.browser.verify({ factorId: ada.phone, challengeId: ada.challengeId, code: codeFor(ADAS) }).expect(404);
    await bob.browser.get('/app').expect(401);
    await ada.browser.verify({ factorId: ada.phone, code: codeFor(ADAS) }).expect(200);
  });

  it('checks by the reference of this very challenge, never by number', async () => {
    const { browser, phone } = await asked('ada', ADAS);
    await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(200);
    const [check] = requestsTo('VerificationCheck').slice(-1);
    expect(Object.keys(check?.form ?? {}).sort()).toEqual(['Code', 'VerificationSid']);
  });

  it.each(['sid', 'to', 'service_sid'] as const)(
    'does not believe an approval whose %s is not the one that was asked about',
    async (field) => {
      const { browser, phone } = await asked('ada', ADAS);
      const { sid } = newestVerification();
      const body = { sid, to: ADAS, service_sid: twilio.serviceSid, status: 'approved', valid: true };
      const foreign = { sid: `VE${'0'.repeat(32)}`, to: BOBS, service_sid: `VA${'0'.repeat(32)}` };
      twilio.fault({ reply: { status: 200, body: { ...body, [field]: foreign[field] } }, on: 'VerificationCheck' });
      await browser.verify({ factorId: phone, code: '424242' }).expect(503);
      await browser.get('/app').expect(401);
    },
  );

  it.each([
    ['approved', false],
    ['pending', true],
    ['canceled', true],
    ['', true],
  ])('goes by the status %s, and not by the old field `valid`', async (status, valid) => {
    const { browser, phone } = await asked('ada', ADAS);
    const { sid } = newestVerification();
    const body = { sid, to: ADAS, service_sid: twilio.serviceSid, status, valid };
    twilio.fault({ reply: { status: 200, body }, on: 'VerificationCheck' });
    const answer = await browser.verify({ factorId: phone, code: '424242' });
    expect(answer.status === 200).toBe(status === 'approved');
    await browser.get('/app').expect(status === 'approved' ? 200 : 401);
  });

  it('a challenge that Twilio no longer knows is over, and the next one works', async () => {
    const { browser, phone, challengeId } = await asked('ada', ADAS);
    twilio.fault({ reply: notFound('/v2/Services/VA/VerificationCheck'), on: 'VerificationCheck' });
    const gone = await browser.verify({ factorId: phone, challengeId, code: codeFor(ADAS) }).expect(410);
    expect(gone.body.code).toBe('challenge_expired');
    // Void here too: what follows is neither counted nor asked.
    const asks = requestsTo('VerificationCheck').length;
    await browser.verify({ factorId: phone, challengeId, code: codeFor(ADAS) }).expect(410);
    expect(requestsTo('VerificationCheck')).toHaveLength(asks);
    expect(await standing(host, 'user-ada', 'sms')).toBe(1);
    host.clock.advance(30_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(200);
  });

  it('five wrong answers end the verification there as well: the next code is another, and works', async () => {
    const { browser, phone } = await asked('ada', ADAS);
    const guessedAt = codeFor(ADAS);
    for (let guess = 0; guess < 5; guess += 1)
      await browser.verify({ factorId: phone, code: otherThan(guessedAt) }).expect(422);
    await browser.verify({ factorId: phone, code: guessedAt }).expect(410);
    host.clock.advance(30_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect(codeFor(ADAS)).not.toBe(guessedAt);
    await browser.verify({ factorId: phone, code: guessedAt }).expect(422);
    await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(200);
  });

  it('five wrong answers, and a cancelling that fails: still never more than the user’s ten', async () => {
    const { browser, phone } = await asked('ada', ADAS);
    for (let guess = 0; guess < 5; guess += 1)
      await browser.verify({ factorId: phone, code: otherThan(codeFor(ADAS)) }).expect(422);
    host.clock.advance(30_000);
    twilio.fault({ reply: refusal(500, 20500, 'Internal error'), on: 'Verifications' });
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    // Twilio has no checks left for that verification: it is gone, and the one after it is new.
    await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(410);
    host.clock.advance(60_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(200);
  });
});

describe('when Twilio cannot be had', () => {
  it('X02 sending: 503, the place in the budgets is kept, and the authenticator works', async () => {
    const { person, phone } = await withPhone('ada', ADAS);
    const browser = await waits(person.elsewhere());
    twilio.fault({ html: 503, on: 'Verifications' });
    const { body, headers } = await browser.post('/mfa/challenge', { factorId: phone }).expect(503);
    expect(body.code).toBe('delivery_unavailable');
    expect(headers['retry-after']).toBeDefined();
    await browser.verify({ factorId: phone, code: '424242' }).expect(410);
    await browser.verify({ factorId: 'totp', code: browser.code() }).expect(200);
  });

  it('X02 a hang of a send or a check is answered within the configured time', async () => {
    host = aHost({ sendTimeout: '150ms' });
    const { person, phone } = await withPhone('ada', ADAS);
    const browser = await waits(person.elsewhere());
    twilio.fault({ hang: true, on: 'Verifications' });
    await browser.post('/mfa/challenge', { factorId: phone }).expect(503);
    host.clock.advance(30_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    twilio.fault({ hang: true, on: 'VerificationCheck' });
    const { body } = await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(503);
    expect(body.code).toBe('delivery_unavailable');
    // It may have been compared, so it counts.
    expect(await standing(host, 'user-ada', 'sms')).toBe(1);
    await browser.get('/app').expect(401);
    await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(200);
  });

  it('X02 gives the try back only where the check was surely not carried out', async () => {
    const { browser, phone } = await asked('ada', ADAS);
    for (const fault of [{ reset: true }, { cut: true }, { html: 502 }] as const) {
      twilio.fault({ ...fault, on: 'VerificationCheck' });
      await browser.verify({ factorId: phone, code: otherThan(codeFor(ADAS)) }).expect(503);
    }
    expect(await standing(host, 'user-ada', 'sms')).toBe(3);

    const isUp = codeFor(ADAS);
    await twilio.close();
    for (let outage = 0; outage < 20; outage += 1)
      await browser.verify({ factorId: phone, code: otherThan(isUp) }).expect(503);
    expect(await standing(host, 'user-ada', 'sms')).toBe(3);
    expect(host.events.filter(({ type }) => type === 'user.locked')).toEqual([]);
    await browser.verify({ factorId: 'totp', code: browser.code() }).expect(200);
  });

  it('X02 tells nobody that they are locked by an outage at the tenth answer', async () => {
    const { browser, phone } = await asked('ada', ADAS);
    for (let guess = 0; guess < 5; guess += 1)
      await browser.verify({ factorId: phone, code: otherThan(codeFor(ADAS)) }).expect(422);
    host.clock.advance(30_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    for (let guess = 0; guess < 4; guess += 1)
      await browser.verify({ factorId: phone, code: otherThan(codeFor(ADAS)) }).expect(422);
    await twilio.close();
    await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(503);
    expect(host.events.filter(({ type }) => type === 'user.locked')).toEqual([]);
    expect(await standing(host, 'user-ada', 'sms')).toBe(9);
  });

  it('X02 the same of a set-up: an outage costs none of its five tries', async () => {
    const person = await new Person(host, 'ada').enrolsTotp();
    const begun = await person.post('/mfa/factors/sms', { phone: ADAS }).expect(201);
    const code = codeFor(ADAS);
    await twilio.close();
    for (let outage = 0; outage < 7; outage += 1)
      await person.post(`/mfa/factors/${begun.body.id}/confirm`, { code }).expect(503);
  });

  it('X02 a number that takes no texts is refused without a word of Twilio’s', async () => {
    const person = await new Person(host, 'ada').enrolsTotp();
    const { body, text } = await person.post('/mfa/factors/sms', { phone: LANDLINE }).expect(422);
    expect(body.code).toBe('destination_refused');
    expect(text).not.toContain(LANDLINE.slice(2));
    expect(text).not.toMatch(/twilio|landline|60205/i);
  });

  it('K04 keeps Twilio’s words, the token and the number out of answers, events and the log', async () => {
    const { browser, phone } = await asked('ada', ADAS);
    twilio.fault({ reply: refusal(401, 20003, `Authenticate ${twilio.authToken}`), on: 'VerificationCheck' });
    const { text } = await browser.verify({ factorId: phone, code: codeFor(ADAS) }).expect(503);
    const told = JSON.stringify([text, host.events, (await host.store.scan({})).rows]);
    for (const secret of [twilio.authToken, ADAS.slice(2), codeFor(ADAS), 'Authenticate', twilio.accountSid])
      expect(told).not.toContain(secret);
  });
});
