/** What carriers tell of a send: noted once, in order, for whoever waits for it, and never a proof of anything. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { telnyxMessages, telnyxVerify } from '../../src/delivery/telnyx.js';
import { twilioCalls, twilioMessages, twilioVerify } from '../../src/delivery/twilio.js';
import { type Delivery, type MfaOptions, type Store, sms, totp, voice } from '../../src/index.js';
import { memoryStore } from '../../src/stores/memory.js';
import { telnyxMessageEvent, telnyxVerifyEvent, twilioCallback, twilioEvents } from '../doubles/callbacks.js';
import { type TelnyxDouble, telnyxDouble } from '../doubles/telnyx.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { spyStore } from '../support/spy-store.js';
import { stores } from '../support/stores.js';
import { PHONE } from '../support/texting.js';
import { AUTH_TOKEN, door, type Knock, TELNYX_URL, TWILIO_URL, telnyx, WEBHOOKS } from '../support/webhooks.js';

const DAY = 24 * 60 * 60_000;

let twilio: TwilioDouble;
let vendor: TelnyxDouble;
const clock = testClock();

beforeEach(async () => {
  twilio = await twilioDouble({ now: clock });
  vendor = await telnyxDouble({ now: clock });
});
afterEach(async () => {
  await twilio.close();
  await vendor.close();
});

const messages = () => twilioMessages({ client: twilio.client(), from: '+12025550100', statusCallback: TWILIO_URL });
const texts = () => telnyxMessages({ apiKey: vendor.apiKey, baseUrl: vendor.baseUrl, from: '+12025550100' });

interface Scene {
  readonly host: TestHost;
  readonly ada: Person;
  readonly phone: string;
  readonly challengeId: string;
  readonly knock: Knock;
  /** What the carrier called the newest send. */
  ref(): string;
  /** What Twilio says of it. */
  says(status: string, more?: Record<string, string>): ReturnType<Knock>;
  told(): readonly string[];
  /** What her challenge says of the code. */
  state(): Promise<string | undefined>;
  page(): Promise<string>;
}

/** Ada with a phone, who has just asked for a code in another browser. */
async function asked(
  via: Delivery | readonly Delivery[],
  mfa: Partial<MfaOptions<TestUser>> = {},
  kind = 'sms',
  store: Store = spyStore(memoryStore({ clock })),
): Promise<Scene> {
  const factor = kind === 'sms' ? sms : voice;
  const host = createHost(
    {
      mfa: { webhooks: WEBHOOKS, factors: [totp(), factor({ via: via as Delivery, countries: ['US'] })], ...mfa },
      store,
    },
    clock,
  );
  const first = await new Person(host, 'ada').enrolsTotp();
  const begun = await first.post(`/mfa/factors/${kind}`, { phone: PHONE }).expect(201);
  await first.post(`/mfa/factors/${begun.body.id}/confirm`, { code: codeFor(PHONE) }).expect(200);
  clock.advance(DAY);
  const ada = first.elsewhere();
  await ada.password().expect(200);
  const { body } = await ada.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
  host.events.length = 0;
  const knock = door(host);
  const ref = () => refOf(twilio.exchanges.at(-1)?.reply?.body) ?? refOf(vendor.exchanges.at(-1)?.reply?.body) ?? '';
  return {
    host,
    ada,
    phone: begun.body.id,
    challengeId: body.challengeId,
    knock,
    ref,
    says: (status, more = {}) =>
      knock(twilioCallback(AUTH_TOKEN, TWILIO_URL, { MessageSid: ref(), MessageStatus: status, To: PHONE, ...more })),
    told: () => host.events.map(({ type }) => type),
    async state() {
      const answer = await ada.get('/mfa/challenge').expect(200);
      return (answer.body.challenges as { delivery?: string }[]).map(({ delivery }) => delivery).join();
    },
    page: async () => (await ada.agent.get('/mfa/challenge').set('Accept', 'text/html').expect(200)).text,
  };
}

function refOf(answer: unknown): string | undefined {
  const { sid, data } = (answer ?? {}) as { sid?: string; data?: { id?: string } };
  return sid ?? data?.id;
}

const codeFor = (to: string) => twilio.codeFor(to) ?? vendor.codeFor(to);
const DELIVERED_LINE = /role="status">The code has been delivered to you</;
const UNDELIVERED_LINE = /role="status">The code could not be delivered/;

describe('a report', () => {
  it('of arrival is on the page, in the JSON and in the log', async () => {
    const { host, says, state, page, told, challengeId, ada } = await asked(messages());
    expect(await state()).toBe('');
    await says('sent').expect(204);
    expect([await state(), told()]).toEqual(['', []]);
    expect((await says('delivered').expect(204)).text).toBe('');
    expect(await state()).toBe('delivered');
    expect(await page()).toMatch(DELIVERED_LINE);
    expect(told()).toEqual(['challenge.delivered']);
    expect(host.events[0]).toMatchObject({
      userId: 'user-ada',
      factor: 'sms',
      channel: 'sms',
      carrier: 'twilio-messages',
    });
    const { events } = await host.mfa.api.audit.search({ userId: 'user-ada', types: ['challenge.delivered'] });
    expect(events).toHaveLength(1);
    expect((await ada.get('/mfa/challenge')).body.challenges[0]).toMatchObject({ challengeId, channel: 'sms' });
  });

  it('of a failure says to try another way; the code works if it comes after all, and the next one begins anew', async () => {
    const { host, ada, phone, says, page } = await asked(messages());
    const code = codeFor(PHONE);
    await says('undelivered', { ErrorCode: '30003' }).expect(204);
    expect(await page()).toMatch(UNDELIVERED_LINE);
    expect(host.events).toMatchObject([{ type: 'challenge.undelivered', why: 'unreachable' }]);
    // Whoever typed a code has one: what is wrong with it is the news.
    expect(
      (await ada.agent.post('/mfa/challenge/verify').set('Accept', 'text/html').type('form').send({})).text,
    ).not.toMatch(UNDELIVERED_LINE);
    const other = ada.elsewhere();
    await other.password().expect(200);
    await ada.verify({ factorId: phone, code }).expect(200);
    clock.advance(30_000);
    await other.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect((await other.get('/mfa/challenge')).body.challenges[0].delivery).toBeUndefined();
  });

  it('of a call', async () => {
    const { knock, ref, state, page } = await asked(
      twilioCalls({ client: twilio.client(), from: '+12025550100', statusCallback: TWILIO_URL }),
      {},
      'voice',
    );
    const form = { CallSid: ref(), CallStatus: 'no-answer', SequenceNumber: '3' };
    await knock(twilioCallback(AUTH_TOKEN, TWILIO_URL, form)).expect(204);
    expect(await state()).toBe('undelivered');
    expect(await page()).toMatch(UNDELIVERED_LINE);
    expect(twilio.exchanges.at(-1)?.form).toMatchObject({ StatusCallback: TWILIO_URL });
  });

  it('by Event Streams, of a Verification and several at once', async () => {
    const { knock, ref, state, told } = await asked(
      twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid }),
    );
    const data = { verification_sid: ref(), message_status: 'DELIVERED', to: PHONE };
    const other = { messageSid: `SM${'0'.repeat(32)}`, messageStatus: 'FAILED' };
    await knock(
      twilioEvents(AUTH_TOKEN, TWILIO_URL, [
        { id: 'EZ1', data: other },
        { id: 'EZ2', data },
      ]),
    ).expect(204);
    expect([await state(), told()]).toEqual(['delivered', ['challenge.delivered']]);
  });

  it('of Telnyx, for its messages and its verifications', async () => {
    const scene = await asked(texts());
    await scene.knock(telnyx.call(TELNYX_URL, telnyxMessageEvent(scene.ref(), 'delivered'), clock())).expect(204);
    expect(await scene.state()).toBe('delivered');
    const verify = telnyxVerify({
      apiKey: vendor.apiKey,
      baseUrl: vendor.baseUrl,
      verifyProfileId: vendor.verifyProfileId,
    });
    const other = await asked(verify);
    const failed = telnyxVerifyEvent(other.ref(), { delivery_status: 'delivery_failed' });
    await other.knock(telnyx.call(TELNYX_URL, failed, clock())).expect(204);
    expect(await other.state()).toBe('undelivered');
  });

  it('of a code that a set-up waits for, and not of the one before it', async () => {
    const { ada, phone, ref, says, host } = await asked(messages());
    await ada.verify({ factorId: phone, code: codeFor(PHONE) }).expect(200);
    clock.advance(60_000);
    const begun = await ada.post('/mfa/factors/sms', { phone: '+13035550101' }).expect(201);
    const first = ref();
    clock.advance(30_000);
    await ada.post(`/mfa/factors/${begun.body.id}/resend`).expect(202);
    host.events.length = 0;
    const page = async () =>
      (await ada.agent.get(`/mfa/factors/${begun.body.id}`).set('Accept', 'text/html').expect(200)).text;
    await says('undelivered', { MessageSid: first }).expect(204);
    expect(await page()).not.toMatch(/role="status"/);
    await says('undelivered', { ErrorCode: '30005' }).expect(204);
    expect(await page()).toMatch(UNDELIVERED_LINE);
    expect(host.events).toMatchObject([
      { type: 'challenge.undelivered', why: 'unreachable' },
      { type: 'challenge.undelivered', why: 'invalid_destination' },
    ]);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: codeFor('+13035550101') }).expect(200);
  });
});

describe.each(stores)('I03 order, repetition and replay, on $name', ({ open }) => {
  it.each([
    [['delivered', 'sent', 'undelivered', 'failed', 'delivered'], 'delivered'],
    [['undelivered', 'delivered', 'sent', 'undelivered'], 'undelivered'],
    [['failed', 'read'], 'undelivered'],
  ])('%j: the first end counts, and is told once', async (statuses, end) => {
    const { says, state, told } = await asked(messages(), {}, 'sms', open(clock));
    for (const status of statuses) await says(status).expect(204);
    expect([await state(), told()]).toEqual([end, [`challenge.${end}`]]);
  });

  it('the same, many times at once', async () => {
    const { says, state, told, host } = await asked(messages(), {}, 'sms', open(clock));
    await Promise.all(Array.from({ length: 12 }, () => says('delivered').expect(204)));
    expect([await state(), told()]).toEqual(['delivered', ['challenge.delivered']]);
    const { events } = await host.mfa.api.audit.search({ types: ['challenge.delivered'] });
    expect(events).toHaveLength(1);
  });

  it('two ends at once, both read before either is written: one of them', async () => {
    const inner = open(clock);
    let reads: (() => void)[] | undefined;
    const store: Store = {
      ...inner,
      async read(owner, refs) {
        const records = await inner.read(owner, refs);
        if (reads && owner.startsWith('sent:')) {
          const met = new Promise<void>((resolve) => reads?.push(resolve));
          if (reads.length === 2) for (const go of reads) go();
          await met;
        }
        return records;
      },
    };
    const { says, state, told } = await asked(messages(), {}, 'sms', store);
    reads = [];
    await Promise.all(['delivered', 'failed'].map((end) => says(end).expect(204)));
    expect(told()).toEqual([`challenge.${await state()}`]);
  });

  it('a day and a week later it is 204 and nothing happens', async () => {
    const { knock, ref, host } = await asked(messages(), {}, 'sms', spyStore(open(clock)));
    const call = twilioCallback(AUTH_TOKEN, TWILIO_URL, { MessageSid: ref(), MessageStatus: 'delivered' });
    await knock(call).expect(204);
    const before = JSON.stringify(host.events);
    for (const later of [DAY, 6 * DAY, 30 * DAY]) {
      clock.advance(later);
      (host.store as ReturnType<typeof spyStore>).clear();
      await knock(call).expect(204);
      expect((host.store as ReturnType<typeof spyStore>).changes).toEqual([]);
    }
    expect(JSON.stringify(host.events)).toBe(before);
  });

  it('of a verification that is sent again under the same reference, what was said of the first text is not said of the second', async () => {
    const { ada, phone, knock, ref, state } = await asked(
      twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid }),
      {},
      'sms',
      open(clock),
    );
    const first = ref();
    const call = twilioEvents(AUTH_TOKEN, TWILIO_URL, [
      { id: 'EZ1', data: { verification_sid: first, message_status: 'DELIVERED' } },
    ]);
    await knock(call).expect(204);
    clock.advance(30_000);
    await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect(ref()).toBe(first);
    await knock(call).expect(204);
    expect(await state()).toBe('');
    await knock(
      twilioEvents(AUTH_TOKEN, TWILIO_URL, [
        { id: 'EZ2', data: { verification_sid: first, message_status: 'FAILED' } },
      ]),
    );
    expect(await state()).toBe('undelivered');
  });

  it('a send that nobody knows is answered like one that is known', async () => {
    const { knock, told, says } = await asked(messages(), {}, 'sms', open(clock));
    const unknown = await knock(
      twilioCallback(AUTH_TOKEN, TWILIO_URL, { MessageSid: `SM${'0'.repeat(32)}`, MessageStatus: 'delivered' }),
    ).expect(204);
    expect(told()).toEqual([]);
    const known = await says('delivered').expect(204);
    const { date: _, ...headers } = unknown.headers as Record<string, string>;
    expect(known.headers).toMatchObject(headers);
  });

  it('a report about the text before says nothing of the one that was asked for since', async () => {
    const { ada, phone, knock, ref, state, told } = await asked(messages(), {}, 'sms', open(clock));
    const first = ref();
    clock.advance(30_000);
    await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
    await knock(twilioCallback(AUTH_TOKEN, TWILIO_URL, { MessageSid: first, MessageStatus: 'undelivered' })).expect(
      204,
    );
    expect(await state()).toBe('');
    expect(told()).toContain('challenge.undelivered');
  });

  it.each([undefined, 'telnyx'] as const)(
    'says nothing of another carrier’s send under the same reference (its webhook: %s)',
    async (webhook) => {
      const other: Delivery = {
        name: 'other',
        offers: [{ channel: 'sms', code: 'ours' }],
        ...(webhook === undefined ? {} : { webhook }),
        send: () => Promise.resolve({ sent: 'yes', ref: ref(), codeOwner: 'ours' }),
      };
      const { host, ada, phone, says, ref, state, told } = await asked([messages(), other]);
      clock.advance(30_000);
      await ada.post('/mfa/challenge', { factorId: phone }).expect(202);
      expect(host.events).toMatchObject([{ type: 'challenge.sent', carriers: ['other'] }]);
      await says('delivered').expect(204);
      expect(await state()).toBe('');
      expect(told()).toEqual(['challenge.sent', 'challenge.delivered']);
      expect(host.events.at(-1)).toMatchObject({ carrier: 'twilio-messages' });
    },
  );
});

describe('I05 a webhook is no proof', () => {
  it('whatever a signed call says of a pending sign-in, nobody is signed in and no code is spent', async () => {
    const { host, ada, phone, knock, ref, says } = await asked(
      telnyxVerify({
        apiKey: vendor.apiKey,
        baseUrl: vendor.baseUrl,
        verifyProfileId: vendor.verifyProfileId,
        customCode: true,
      }),
    );
    for (const more of [
      { status: 'accepted' },
      { status: 'approved', delivery_status: 'verified' },
      { status: 'accepted', delivery_status: 'delivered' },
    ])
      await knock(telnyx.call(TELNYX_URL, telnyxVerifyEvent(ref(), more), clock())).expect(204);
    for (const status of ['approved', 'verified', 'delivered', 'read']) await says(status).expect(204);
    await ada.get('/app').expect(401);
    expect(host.events.map(({ type }) => type)).toEqual(['challenge.delivered']);
    await ada.verify({ factorId: phone, code: '000000' }).expect(422);
    await ada.get('/app').expect(401);
    await ada.verify({ factorId: phone, code: codeFor(PHONE) }).expect(200);
  });

  it('does not give a code more time, nor more tries', async () => {
    const { ada, phone, says } = await asked(messages());
    const code = codeFor(PHONE);
    const wrong = code === '424242' ? '242424' : '424242';
    for (let tries = 0; tries < 4; tries += 1) await ada.verify({ factorId: phone, code: wrong }).expect(422);
    clock.advance(4 * 60_000);
    await says('delivered').expect(204);
    const { body } = await ada.verify({ factorId: phone, code: wrong }).expect(422);
    expect(body.attemptsLeft).toBe(0);
    await ada.verify({ factorId: phone, code }).expect(410);

    const again = await asked(messages());
    clock.advance(4 * 60_000);
    await again.says('delivered').expect(204);
    clock.advance(60_000);
    await again.ada.verify({ factorId: again.phone, code: codeFor(PHONE) }).expect(410);
  });
});

describe('who hears nothing any more', () => {
  it('somebody who was forgotten: no row, no event', async () => {
    const { host, says } = await asked(messages());
    host.users.delete('user-ada');
    await host.mfa.api.forgetUser('user-ada');
    host.events.length = 0;
    await says('delivered').expect(204);
    expect(host.events).toEqual([]);
    const { events } = await host.mfa.api.audit.search({ userId: 'user-ada' });
    expect(events.map(({ type }) => type)).toEqual(['user.forgotten']);
  });

  it('somebody who has answered has no page any more, and the log knows', async () => {
    const { ada, phone, says, told } = await asked(messages());
    await ada.verify({ factorId: phone, code: codeFor(PHONE) }).expect(200);
    await says('delivered').expect(204);
    expect(told()).toContain('challenge.delivered');
  });

  it.each([
    ['no webhooks', {}],
    ['the webhooks of others', { webhooks: { telnyx: WEBHOOKS.telnyx } }],
  ])('a host with %s keeps no references', async (_, webhooks) => {
    const store = spyStore(memoryStore({ clock }));
    const factors = [totp(), sms({ via: messages(), countries: ['US'] })];
    const host = createHost({ mfa: { factors, ...webhooks }, store }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.post('/mfa/factors/sms', { phone: PHONE }).expect(201);
    expect(store.dump()).not.toMatch(/"owner":"sent:/);
  });
});

it('codes and numbers that a carrier sends along are neither kept nor told', async () => {
  const verify = telnyxVerify({
    apiKey: vendor.apiKey,
    baseUrl: vendor.baseUrl,
    verifyProfileId: vendor.verifyProfileId,
    customCode: true,
  });
  const { host, knock, ref, state } = await asked(verify);
  (host.store as ReturnType<typeof spyStore>).clear();
  const echoed = telnyxVerifyEvent(ref(), { custom_code: '737373', phone_number: '+12025550177' });
  await knock(telnyx.call(TELNYX_URL, echoed, clock())).expect(204);
  await knock(telnyx.call(TELNYX_URL, telnyxMessageEvent(ref(), 'delivered', { text: '737373' }), clock())).expect(204);
  expect(await state()).toBe('delivered');
  const out = JSON.stringify([host.events, host.errors]) + (host.store as ReturnType<typeof spyStore>).dump();
  expect(out).toContain('challenge.delivered');
  expect(out).not.toMatch(/737373|2025550177/);
});
