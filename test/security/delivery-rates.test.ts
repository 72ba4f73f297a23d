/** What carriers tell afterwards decides whom to ask first, and is no lever for anybody who can type numbers. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { twilioMessages } from '../../src/delivery/twilio.js';
import { type MfaEvent, type MfaOptions, memoryStore, type Store, sms, totp } from '../../src/index.js';
import { twilioCallback } from '../doubles/callbacks.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { createHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';
import { farNumberNo } from '../support/texting.js';
import { AUTH_TOKEN, door, TWILIO_URL, WEBHOOKS } from '../support/webhooks.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FILTERED = { MessageStatus: 'undelivered', ErrorCode: '30007' };
const UNREACHABLE = { MessageStatus: 'undelivered', ErrorCode: '30003' };
const DELIVERED = { MessageStatus: 'delivered' };

let twilio: TwilioDouble;
const clock = testClock();
beforeEach(async () => {
  twilio = await twilioDouble({ now: clock });
});
afterEach(async () => await twilio.close());

/** Two carriers for text messages, both of which tell afterwards. */
function scene(store: Store = memoryStore({ clock }), mfa: Partial<MfaOptions<TestUser>> = {}) {
  const from = '+12025550100';
  const named = (name: string) => ({
    ...twilioMessages({ client: twilio.client(), from, statusCallback: TWILIO_URL }),
    name,
  });
  const limits = {
    conversion: false,
    numbersPerRun: 14,
    sendsPerNumber10Min: 5,
    sendsPerUserHour: 50,
    sendsPerNumberHour: 20,
    sendsPerNumberDay: 50,
    sendsPerIpHour: 10_000,
    sendsPerPrefix10Min: 10_000,
    sendsPerPrefixHour: 100_000,
  } as const;
  const factors = [totp(), sms({ via: [named('first'), named('second')], countries: ['US', 'AU'] })];
  const host = createHost({ store, mfa: { webhooks: WEBHOOKS, factors, limits, ...mfa } }, clock);
  const knock = door(host);
  /** What became of the newest text. */
  const ends = async (how: Record<string, string>) => {
    const { sid } = Object(twilio.exchanges.at(-1)?.reply?.body) as { sid: string };
    await knock(twilioCallback(AUTH_TOKEN, TWILIO_URL, { MessageSid: sid, ...how })).expect(204);
  };
  const asked = () => {
    const sends = host.events.filter((event): event is MfaEvent<'challenge.sent'> => event.type === 'challenge.sent');
    return sends.at(-1)?.carriers?.[0];
  };
  const begins = async (name: string, phone: string) => {
    const person = new Person(host, name);
    await person.password();
    const { body } = await person.post('/mfa/factors/sms', { phone }).expect(201);
    return { person, id: String(body.id) };
  };
  /** Somebody with a phone that has answered once. */
  const withPhone = async (index: number, phone = farNumberNo(index)) => {
    const { person, id } = await begins(`n${index}`, phone);
    await person.post(`/mfa/factors/${id}/confirm`, { code: twilio.codeFor(phone) }).expect(200);
    return { person, id, phone };
  };
  type Owner = Awaited<ReturnType<typeof withPhone>>;
  /** Asks for a code to sign in, in another browser: who was asked to bring it. */
  const signsIn = async ({ person, id }: Owner) => {
    const browser = person.elsewhere();
    await browser.password().expect(200);
    await browser.post('/mfa/challenge', { factorId: id }).expect(202);
    return { browser, carrier: asked() };
  };
  return { host, ends, asked, begins, withPhone, signsIn };
}

/** So many with phones, who have just come to ask for a code. */
async function crowd({ withPhone }: ReturnType<typeof scene>, count: number) {
  const people = [];
  for (let index = 0; index < count; index += 1) people.push(await withPhone(index));
  clock.advance(HOUR);
  return people;
}

describe.each(stores)('a carrier that takes codes and does not bring them, on $name', ({ open }) => {
  it('is asked last for half an hour, and is not shut', async () => {
    const at = scene(open(clock));
    const people = await crowd(at, 11);
    for (const one of people.slice(0, 10)) {
      expect((await at.signsIn(one)).carrier).toBe('first');
      await at.ends(UNREACHABLE);
    }
    clock.advance(1_000);
    const [last] = people.slice(10);
    if (!last) throw new Error('nobody is left');
    const { browser, carrier } = await at.signsIn(last);
    expect(carrier).toBe('second');
    // To whom the other has just not brought it, it is not the last any more.
    clock.advance(31_000);
    await browser.post('/mfa/challenge', { factorId: last.id }).expect(202);
    expect(at.asked()).toBe('first');
    clock.advance(30 * MINUTE);
    expect((await at.signsIn(last)).carrier).toBe('first');
  });
});

describe('who has no say in it', () => {
  it('whoever types numbers where no code arrives, however many accounts they have', async () => {
    const at = scene();
    const [honest] = await crowd(at, 1);
    if (!honest) throw new Error('nobody');
    for (let index = 20; index < 45; index += 1) {
      await at.begins(`m${index}`, farNumberNo(index));
      await at.ends(index % 2 === 0 ? FILTERED : UNREACHABLE);
    }
    clock.advance(2_000);
    expect((await at.signsIn(honest)).carrier).toBe('first');
    expect((await at.host.store.read('carriers', [{ kind: 'breaker' }, { kind: 'poor' }])).flat()).toEqual([]);
  });

  it('two people with a phone that is off, however often they ask', async () => {
    const at = scene();
    const people = await crowd(at, 3);
    for (let round = 0; round < 5; round += 1) {
      for (const one of people.slice(0, 2)) {
        await at.signsIn(one);
        await at.ends(UNREACHABLE);
        clock.advance(MINUTE);
      }
    }
    const [honest] = people.slice(2);
    if (honest) expect((await at.signsIn(honest)).carrier).toBe('first');
  });

  it('people whose number was given up, or who want no texts', async () => {
    const at = scene();
    const people = await crowd(at, 11);
    for (const [index, one] of people.slice(0, 10).entries()) {
      await at.signsIn(one);
      await at.ends({ MessageStatus: 'undelivered', ErrorCode: index % 2 === 0 ? '30005' : '21610' });
    }
    clock.advance(2_000);
    const [honest] = people.slice(10);
    if (honest) expect((await at.signsIn(honest)).carrier).toBe('first');
  });

  it('ten with phones that are off, where as many codes arrive', async () => {
    const at = scene();
    const people = await crowd(at, 21);
    for (const [index, one] of people.slice(0, 20).entries()) {
      await at.signsIn(one);
      await at.ends(index % 2 === 0 ? DELIVERED : UNREACHABLE);
    }
    clock.advance(2_000);
    const [honest] = people.slice(20);
    if (honest) expect((await at.signsIn(honest)).carrier).toBe('first');
  });
});

it('a code that did not arrive is asked of another carrier when it is sent again', async () => {
  const at = scene();
  const [one] = await crowd(at, 1);
  if (!one) throw new Error('nobody');
  const { browser, carrier } = await at.signsIn(one);
  await at.ends(FILTERED);
  clock.advance(31_000);
  await browser.post('/mfa/challenge', { factorId: one.id }).expect(202);
  expect([carrier, at.asked()]).toEqual(['first', 'second']);
});

describe('what an answered code costs', () => {
  const price = (carrier: string, perSend: string) => ({ carrier, channel: 'sms', perSend, currency: 'USD' }) as const;
  const prices = [price('first', '0.010'), price('second', '0.012')];

  it('is more where codes are not answered, in that country', async () => {
    const at = scene(memoryStore({ clock }), { prices });
    const abroad = await at.withPhone(100, '+61491570156');
    for (const one of await crowd(at, 6)) {
      expect((await at.signsIn(one)).carrier).toBe('first');
      clock.advance(MINUTE);
    }
    clock.advance(10 * MINUTE);
    const again = await at.withPhone(50);
    expect((await at.signsIn(again)).carrier).toBe('second');
    expect((await at.signsIn(abroad)).carrier).toBe('first');
  });

  it('is not judged by codes that may still be answered, and is by those that did not arrive', async () => {
    const at = scene(memoryStore({ clock }), { prices });
    const people = await crowd(at, 16);
    for (const one of people.slice(0, 8)) {
      expect((await at.signsIn(one)).carrier).toBe('first');
      clock.advance(11_000);
    }
    // The next eight are told to be lost, nine being enough to make it dearer than the other.
    const carriers = [];
    for (const one of people.slice(8)) {
      carriers.push((await at.signsIn(one)).carrier);
      await at.ends(FILTERED);
      clock.advance(11_000);
    }
    expect(carriers.slice(0, 4)).toEqual(['first', 'first', 'first', 'first']);
    expect(carriers).toContain('second');
  });

  it('is not judged by set-ups: anybody may type a number that does not answer', async () => {
    const at = scene(memoryStore({ clock }), { prices });
    const [honest] = await crowd(at, 1);
    if (!honest) throw new Error('nobody');
    for (let index = 20; index < 60; index += 1) await at.begins(`m${index}`, farNumberNo(index));
    clock.advance(20 * MINUTE);
    expect((await at.signsIn(honest)).carrier).toBe('first');
  });
});
