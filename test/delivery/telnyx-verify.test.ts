import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery, FailureClass, SendResult } from '../../src/core/delivery.js';
import { field } from '../../src/core/field.js';
import { type TelnyxVerifyOptions, telnyxVerify } from '../../src/delivery/telnyx.js';
import { type TelnyxDouble, telnyxDouble, telnyxRefusal } from '../doubles/telnyx.js';
import { ADA, aJob, GRACE, patiently, tooLate, within } from './sending.js';

const UUID = /^[0-9a-f-]{36}$/;

describe('Telnyx Verify', () => {
  let clock: number;
  let telnyx: TelnyxDouble;
  let delivery: Delivery;

  beforeEach(async () => {
    clock = Date.UTC(2026, 10, 21);
    telnyx = await telnyxDouble({ now: () => clock });
    delivery = create();
  });
  afterEach(() => telnyx.close());

  function create(changes: Partial<TelnyxVerifyOptions> = {}): Delivery {
    const { apiKey, baseUrl, verifyProfileId } = telnyx;
    return telnyxVerify({ apiKey, baseUrl, verifyProfileId, ...changes });
  }
  const send = (changes: Parameters<typeof aJob>[0] = {}) => delivery.send(aJob(changes), patiently());
  const check = async (ref: string, code: string, to = ADA) => await delivery.check?.({ ref, to, code }, patiently());
  const codeFor = (to = ADA) => telnyx.codeFor(to) ?? '';

  describe('sending', () => {
    it('offers sms and voice with codes of five digits that are Telnyx’, unless told otherwise', () => {
      expect(delivery).toMatchObject({
        name: 'telnyx-verify',
        offers: [
          { channel: 'sms', code: 'theirs', digits: 5 },
          { channel: 'voice', code: 'theirs', digits: 5 },
        ],
      });
      expect(create({ channels: ['flash-call'], codeLength: 4 }).offers).toEqual([
        { channel: 'flash-call', code: 'theirs', digits: 4 },
      ]);
    });

    it.each([
      ['sms', 'sms'],
      ['voice', 'call'],
      ['whatsapp', 'whatsapp'],
      ['flash-call', 'flashcall'],
    ] as const)('sends over %s by /verifications/%s, and nothing else goes along', async (channel, path) => {
      delivery = create({ channels: ['sms', 'voice', 'whatsapp', 'flash-call'] });
      expect(await send({ channel })).toEqual({ sent: 'yes', ref: expect.stringMatching(UUID), codeOwner: 'theirs' });
      expect(telnyx.exchanges).toMatchObject([
        {
          path: `/verifications/${path}`,
          json: { phone_number: ADA, verify_profile_id: telnyx.verifyProfileId, timeout_secs: 300 },
        },
      ]);
      expect(Object.keys(telnyx.exchanges[0]?.json as object)).toHaveLength(3);
    });

    it('uses the profile of the language that is asked for', async () => {
      const german = '4900017a-e7ff-f4ce-aaaa-5fde2ca10f7e';
      const brazilian = '4900017a-e7ff-f4ce-bbbb-5fde2ca10f7e';
      delivery = create({ profilesByLanguage: { de: german, 'pt-BR': brazilian } });
      const profileOf = async (locale?: string) => {
        await send(locale === undefined ? {} : { locale });
        return field(telnyx.exchanges.at(-1)?.json, 'verify_profile_id');
      };
      for (const locale of ['de', 'de-AT', 'DE_ch', 'de-Latn-DE']) expect(await profileOf(locale)).toBe(german);
      for (const locale of ['pt-BR', 'pt_br']) expect(await profileOf(locale)).toBe(brazilian);
      for (const locale of ['pt-PT', 'fr', '__proto__', '', undefined])
        expect(await profileOf(locale)).toBe(telnyx.verifyProfileId);
    });

    it('keeps what it is answered to itself: their answer holds the code', async () => {
      delivery = create({ customCode: true });
      expect(inspect(await send({ code: '048151' }), { depth: null })).not.toContain('048151');
      expect(JSON.stringify(telnyx.exchanges[0]?.reply)).toContain('048151');
    });

    it('sends nothing over a channel it was not given, or too late', async () => {
      expect(await send({ channel: 'whatsapp' })).toEqual({ sent: 'no', why: 'channel_unavailable' });
      expect(await delivery.send(aJob(), tooLate())).toEqual({ sent: 'no', why: 'timeout' });
      expect(telnyx.exchanges).toEqual([]);
    });
  });

  describe('with codes of ours', () => {
    beforeEach(() => {
      delivery = create({ customCode: true, channels: ['sms', 'voice', 'whatsapp'] });
    });

    it.each(['sms', 'voice', 'whatsapp'] as const)('brings them over %s', async (channel) => {
      expect(await send({ channel, code: '048151' })).toMatchObject({ sent: 'yes', codeOwner: 'ours' });
      expect(telnyx.arrivals.map(({ code }) => code)).toEqual(['048151']);
      expect(delivery.check).toBeUndefined();
    });

    it('tells what became of each', async () => {
      const ref = refOf(await send({ code: '048151' }));
      await delivery.confirm?.(ref, patiently());
      await delivery.cancel?.(ref, patiently());
      await delivery.confirm?.('../messages', patiently());
      expect(telnyx.exchanges.slice(1).map(({ path, json }) => [path, json])).toEqual([
        [`/verifications/${ref}/actions/verify`, { status: 'accepted' }],
        [`/verifications/${ref}/actions/verify`, { status: 'rejected' }],
      ]);
    });

    it('is not asked for without a code', async () => {
      const { code: _, ...job } = aJob();
      expect(await delivery.send(job, patiently())).toEqual({ sent: 'no', why: 'config' });
    });
  });

  describe('checking', () => {
    it('takes the right code once, and hears one word for wrong, used and expired', async () => {
      const ref = refOf(await send());
      expect(await check(ref, codeFor() === '11111' ? '22222' : '11111')).toEqual({ verdict: 'wrong' });
      expect(await check(ref, codeFor())).toEqual({ verdict: 'correct' });
      expect(await check(ref, codeFor())).toEqual({ verdict: 'wrong' });
      const later = refOf(await send());
      clock += 300_000;
      expect(await check(later, codeFor())).toEqual({ verdict: 'wrong' });
    });

    it('asks by reference, and believes no answer about another number', async () => {
      const ref = refOf(await send());
      expect(await check(ref, codeFor(), GRACE)).toMatchObject({ verdict: 'error', reached: true });
      expect(await check('4900017a-e7ff-f4ce-aaaa-5fde2ca10f7e', '12345')).toEqual({ verdict: 'gone' });
      expect(await check('../messages', '12345')).toEqual({ verdict: 'gone' });
      expect(telnyx.exchanges.at(-1)?.path).not.toContain('messages');
    });

    it.each<[unknown, object]>([
      [{ data: { phone_number: ADA, response_code: 'approved' } }, { verdict: 'error', reached: true }],
      [{ data: { phone_number: ADA } }, { verdict: 'error', reached: true }],
      [{}, { verdict: 'error', reached: true }],
      [null, { verdict: 'error', reached: true }],
    ])('finds nothing right in %j', async (body, expected) => {
      const ref = refOf(await send());
      telnyx.fault({ reply: { status: 200, body } });
      expect(await check(ref, codeFor())).toMatchObject(expected);
    });

    it('was surely not reached only where nothing left', async () => {
      const ref = refOf(await send());
      telnyx.fault({ reset: true });
      expect(await check(ref, codeFor())).toMatchObject({ verdict: 'error', reached: true });
      telnyx.fault({ hang: true });
      expect(await delivery.check?.({ ref, to: ADA, code: codeFor() }, within(50))).toMatchObject({ reached: true });
      expect(await delivery.check?.({ ref, to: ADA, code: codeFor() }, tooLate())).toMatchObject({ reached: false });
    });
  });

  describe('a failure', () => {
    const classes: readonly [FailureClass, number[]][] = [
      ['invalid_destination', [10002, 10016, 40012, 40310]],
      ['landline', [40001]],
      ['unreachable', [10001, 40005, 40006, 40014]],
      ['opted_out', [40300]],
      ['blocked', [40015, 40020, 40309, 40322, 40331]],
      ['filtered', [40002, 40003, 40004, 40008, 40010, 40017]],
      ['rate_limited', [10011, 40011, 40018, 40318]],
      ['spend_limit', [40333]],
      ['auth', [10009, 10010, 20002, 20012, 20013]],
      ['config', [10004, 10005, 10015, 40009, 40013, 40305, 40399]],
      ['unavailable', [10007, 10008, 10037]],
    ];

    it.each(classes.flatMap(([why, codes]) => codes.map((code) => [code, why] as const)))(
      '%i is %s, and nothing was sent',
      async (code, why) => {
        telnyx.fault({ reply: telnyxRefusal(400, code) });
        expect(await send()).toEqual({ sent: 'no', why, detail: { status: 400, code: String(code) } });
      },
    );

    it.each<[number, FailureClass, 'no' | 'unknown']>([
      [302, 'config', 'no'],
      [401, 'auth', 'no'],
      [403, 'auth', 'no'],
      [408, 'timeout', 'unknown'],
      [422, 'config', 'no'],
      [429, 'rate_limited', 'no'],
      [500, 'unavailable', 'unknown'],
      [503, 'unavailable', 'unknown'],
    ])('with status %i and no code is %s', async (status, why, sent) => {
      telnyx.fault({ reply: { status, body: {} } });
      expect(await send()).toEqual({ sent, why, detail: { status } });
    });

    it.each<[number, FailureClass, 'no' | 'unknown']>([
      [40309, 'blocked', 'no'],
      [40300, 'opted_out', 'no'],
      [10007, 'unavailable', 'unknown'],
      [49999, 'unavailable', 'unknown'],
    ])('with status 500 goes by its code where that says more: %i', async (code, why, sent) => {
      telnyx.fault({ reply: telnyxRefusal(500, code) });
      expect(await send()).toEqual({ sent, why, detail: { status: 500, code: String(code) } });
    });

    it('with 403 and a code of its own says nothing of the account: it may be the number', async () => {
      telnyx.fault({ reply: telnyxRefusal(403, 49999) });
      expect(await send()).toEqual({ sent: 'no', why: 'config', detail: { status: 403, code: '49999' } });
    });

    it.each([{ reset: true }, { cut: true }, { reply: { status: 200, body: {} } }] as const)(
      'on the way is unknown: %j',
      async (fault) => {
        telnyx.fault({ ...fault, after: true });
        expect(await send()).toMatchObject({ sent: 'unknown', why: 'unavailable' });
      },
    );

    it('is not tried again', async () => {
      telnyx.fault({ html: 503, times: 10 });
      await send();
      expect(telnyx.exchanges).toHaveLength(1);
    });

    it('to answer in time is unknown', async () => {
      telnyx.fault({ hang: true });
      expect(await delivery.send(aJob(), within(50))).toEqual({ sent: 'unknown', why: 'timeout' });
    });

    it('says nothing of number, code or key', async () => {
      telnyx.fault({ reply: telnyxRefusal(400, 10016, `no ${ADA} 048291`) });
      const told = inspect(await send(), { depth: null });
      for (const secret of [ADA, '048291', telnyx.apiKey]) expect(told).not.toContain(secret);
    });
  });
});

describe('set-up mistakes', () => {
  const right = { apiKey: 'KEY0123456789', verifyProfileId: '4900017a-e7ff-f4ce-aaaa-5fde2ca10f7e' };

  it.each<[string, object, RegExp]>([
    ['no key', { apiKey: undefined }, /`apiKey` is missing/],
    ['a key with a line end', { apiKey: 'KEY0123456789\n' }, /`apiKey` is missing/],
    ['no profile', { verifyProfileId: 'mine' }, /`verifyProfileId` .* is not the id/],
    ['a language without a profile', { profilesByLanguage: { de: '' } }, /is not the id/],
    ['an unknown channel', { channels: ['pigeon'] }, /`channels` lists each of/],
    [
      'a flash call with codes of ours',
      { channels: ['flash-call'], customCode: true },
      /a flash call cannot carry a code/,
    ],
    ['an address without https', { baseUrl: 'http://api.telnyx.com/v2' }, /`baseUrl` is not an https address/],
    ['codes of three digits', { codeLength: 3 }, /`codeLength` is a number of digits from 4 to 10/],
    ['a misspelt option', { profileId: 'x' }, /telnyxVerify: `profileId` is not an option/],
  ])('%s', (_name, changes, advice) => {
    expect(() => telnyxVerify({ ...right, ...changes } as never)).toThrow(advice);
  });
});

function refOf(result: SendResult): string {
  if (result.sent !== 'yes') throw new Error(JSON.stringify(result));
  return result.ref;
}
