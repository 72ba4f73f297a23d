/** One number, and all the ways a code may reach it. */
import { describe, expect, it } from '@jest/globals';
import type { Channel, CodeOwner, Delivery, SendJob } from '../../src/core/delivery.js';
import type { Factor } from '../../src/core/factor.js';
import { type PhoneOptions, phone } from '../../src/factors/phone-codes.js';
import { enrolled, lent } from './lent.js';

const MOBILE = '+61 491 570 156';
const LANDLINE = '+61 2 5550 1234';

interface Carrier extends Delivery {
  readonly jobs: SendJob[];
  readonly told: string[];
}

function carrier(name: string, channels: readonly Channel[], code: CodeOwner = 'ours', digits = 6): Carrier {
  const jobs: SendJob[] = [];
  const told: string[] = [];
  return {
    name,
    jobs,
    told,
    offers: channels.map((channel) => ({ channel, code, digits })),
    async send(job) {
      jobs.push(job);
      return { sent: 'yes', ref: `${name}-${jobs.length}`, codeOwner: code };
    },
    async check({ ref }) {
      told.push(`check ${ref}`);
      return { verdict: 'correct' };
    },
    cancel: async (ref) => void told.push(`cancel ${ref}`),
    confirm: async (ref) => void told.push(`confirm ${ref}`),
  };
}

function made(changes: Partial<PhoneOptions> = {}) {
  const texts = carrier('texts', ['sms', 'whatsapp']);
  const calls = carrier('calls', ['voice']);
  const factor = phone({
    countries: ['AU', 'US'],
    channels: [
      { channel: 'whatsapp', via: texts, countries: ['US'] },
      { channel: 'sms', via: texts },
      { channel: 'voice', via: calls },
    ],
    ...changes,
  });
  return { factor, texts, calls };
}

async function set(factor: Factor, number: string) {
  const begun = await factor.beginEnrolment({ phone: number }, lent());
  if (!begun.ok) return begun;
  return { ...begun, sending: await factor.sending?.(begun.data, lent()) };
}

async function sent(factor: Factor, channel: Channel) {
  const begun = await set(factor, MOBILE);
  if (!begun.ok) throw new Error('refused');
  const enrolment = enrolled('phone', begun.data);
  const prepared = await factor.prepareSend?.({ enrolment, channel, ttlMs: 300_000, sendId: 'one' }, lent());
  const outcome = await prepared?.transmit(AbortSignal.timeout(1_000));
  if (!outcome?.ok) throw new Error('not sent');
  return {
    data: outcome.data,
    verify: (code: unknown) => factor.verify({ enrolment, challenge: outcome.data, input: { code } }, lent()),
  };
}

describe('a phone', () => {
  it.each([
    ['a mobile number', MOBILE, ['sms', 'voice']],
    ['a number of a country where it has more', '+1 212 555 0100', ['whatsapp', 'sms', 'voice']],
    ['a landline', LANDLINE, ['voice']],
  ])('%s takes, in the order they were given', async (_, number, channels) => {
    const { factor } = made();
    expect(await set(factor, number)).toMatchObject({ ok: true, channel: channels[0], sending: { channels } });
    expect(factor.channels).toEqual(['whatsapp', 'sms', 'voice']);
  });

  it('is refused where no channel takes it', async () => {
    const { texts } = made();
    const { factor } = made({ channels: [{ channel: 'sms', via: texts }] });
    expect(await set(factor, LANDLINE)).toMatchObject({ code: 'destination_refused', field: 'phone' });
    expect(await set(made().factor, '+61 1900 654 321')).toMatchObject({ ok: false, field: 'phone' });
    expect(await set(made().factor, '+44 7400 123456')).toMatchObject({ code: 'destination_refused' });
  });

  it('is sent to no more once no channel takes it, and less where one is gone', async () => {
    const before = await set(made().factor, LANDLINE);
    if (!before.ok) throw new Error('refused');
    const { texts } = made();
    const { factor } = made({ channels: [{ channel: 'sms', via: texts }] });
    expect(await factor.sending?.(before.data, lent())).toMatchObject({ refused: true, channels: ['sms'] });
    expect(await made({ countries: ['US'] }).factor.sending?.(before.data, lent())).toMatchObject({ refused: true });
  });

  it('brings each code by the carrier of its channel, with the words of that channel', async () => {
    const { factor, texts, calls } = made();
    expect(factor.carriers?.('sms', 'AU')).toEqual(['texts']);
    expect(factor.carriers?.('voice', 'AU')).toEqual(['calls']);
    await sent(factor, 'sms');
    await sent(factor, 'voice');
    expect(texts.jobs).toMatchObject([{ channel: 'sms', text: expect.stringContaining('@acme.example #') }]);
    expect(calls.jobs).toMatchObject([{ channel: 'voice', text: 'Hello. Here is your Acme code.' }]);
  });

  it('earns what the channel of the code earns, not more', async () => {
    const { factor, texts, calls } = made();
    const text = await sent(factor, 'sms');
    expect(await text.verify(texts.jobs[0]?.code)).toEqual({ ok: true, amr: ['sms', 'mfa'] });
    const call = await sent(factor, 'voice');
    expect(await call.verify(calls.jobs[0]?.code)).toEqual({ ok: true, amr: ['tel', 'mfa'] });
    expect(await call.verify(texts.jobs[0]?.code)).toEqual({ ok: false, reason: 'wrong' });
  });

  it('is as strong as its weakest channel', () => {
    const { texts } = made();
    expect(made().factor.strength).toBe(30);
    expect(made({ channels: [{ channel: 'sms', via: texts }] }).factor.strength).toBe(40);
  });

  it('asks whoever made a code, also where others are ours, of another length', async () => {
    const { texts } = made();
    const rings = carrier('rings', ['flash-call'], 'theirs', 5);
    const { factor } = made({
      channels: [
        { channel: 'sms', via: texts },
        { channel: 'flash-call', via: rings },
      ],
    });
    expect(factor.digits).toBeUndefined();
    expect(factor.refuseMalformed({ code: '12345' }, 'challenge')).toBeUndefined();
    expect(factor.refuseMalformed({ code: '123456' }, 'challenge')).toBeUndefined();
    expect(factor.refuseMalformed({ code: '1234' }, 'challenge')).toMatchObject({ code: 'code_malformed' });
    const ring = await sent(factor, 'flash-call');
    expect(await ring.verify('123456')).toEqual({ ok: false, reason: 'malformed' });
    expect(await ring.verify('12345')).toEqual({ ok: true, amr: ['tel', 'mfa'] });
    const text = await sent(factor, 'sms');
    expect(await text.verify(texts.jobs[0]?.code)).toMatchObject({ ok: true });
    await factor.discard?.(ring.data, lent());
    await factor.discard?.(text.data, lent());
    await factor.confirm?.(ring.data, lent());
    await factor.confirm?.(text.data, lent());
    expect(rings.told).toEqual(['check rings-1', 'cancel rings-1']);
    expect(texts.told).toEqual(['confirm texts-1']);
  });

  it.each<[string, (via: Delivery) => unknown, RegExp]>([
    ['no channels', () => ({ countries: ['US'] }), /`channels` lists each of 'sms', 'voice'/],
    ['an empty list', () => ({ countries: ['US'], channels: [] }), /at most once/],
    ['mail', (via) => ({ countries: ['US'], channels: [{ channel: 'email', via }] }), /at most once/],
    [
      'a channel twice',
      (via) => ({ countries: ['US'], channels: [{ channel: 'sms', via }, { channel: 'sms', via }] }), // biome-ignore format: one case
      /at most once/,
    ],
    ['no countries', (via) => ({ channels: [{ channel: 'sms', via }] }), /phone: `countries` is missing/],
    [
      'a channel without a carrier',
      () => ({ countries: ['US'], channels: [{ channel: 'sms' }] }),
      /channels\[0\]: `via`/,
    ],
    [
      'a carrier that does not offer it',
      (via) => ({ countries: ['US'], channels: [{ channel: 'voice', via }] }),
      /channels\[0\]: the delivery `texts` does not offer voice/,
    ],
    [
      'a country of its own',
      (via) => ({ countries: ['US'], channels: [{ channel: 'sms', via, countries: ['CA'] }] }),
      /channels\[0\]: `countries` has CA/,
    ],
    [
      'a misspelt option',
      (via) => ({ countries: ['US'], channels: [{ channel: 'sms', via, type: ['voip'] }] }),
      /channels\[0\]: `type` is not an option. Did you mean `types`/,
    ],
    ['a misplaced option', (via) => ({ countries: ['US'], via, channels: [{ channel: 'sms', via }] }), /`via`/],
  ])('with %s is told so at set-up', (_, options, message) => {
    expect(() => phone(options(carrier('texts', ['sms'])) as PhoneOptions)).toThrow(message);
  });
});
