import { describe, expect, it } from '@jest/globals';
import type { CheckResult, Delivery, SendJob, SendResult } from '../../src/core/delivery.js';
import type { Factor, SendInput } from '../../src/core/factor.js';
import type { Json } from '../../src/core/store.js';
import { sms, voice, whatsapp } from '../../src/factors/phone-codes.js';
import { nextStep } from '../../src/policy/failover.js';
import { enrolled, lent } from './lent.js';

const COUNTRIES = ['US'];

/** A delivery that answers as told, and remembers what it was asked. */
function delivery(owner: 'ours' | 'theirs', answers: { send?: SendResult; check?: CheckResult } = {}) {
  const jobs: SendJob[] = [];
  const checks: unknown[] = [];
  const cancelled: string[] = [];
  const via: Delivery = {
    name: 'double',
    offers: [
      { channel: 'sms', code: owner },
      { channel: 'voice', code: owner },
    ],
    async send(job) {
      jobs.push(job);
      return answers.send ?? { sent: 'yes', ref: 'ref-1', codeOwner: owner };
    },
    ...(owner === 'theirs'
      ? {
          async check(input) {
            checks.push(input);
            return answers.check ?? { verdict: 'correct' };
          },
          async cancel(ref: string) {
            cancelled.push(ref);
          },
        }
      : {}),
  };
  return { via, jobs, checks, cancelled };
}

async function withPhone(factor: Factor) {
  const begun = await factor.beginEnrolment({ phone: '+1 212 555 0100' }, lent());
  if (!begun.ok) throw new Error('refused');
  const enrolment = enrolled(factor.kind, begun.data);
  async function sent(changes: Partial<SendInput> = {}, context = lent()) {
    const prepared = await factor.prepareSend?.(
      { enrolment, channel: 'sms', ttlMs: 300_000, sendId: 'send-1', ...changes },
      context,
    );
    if (!prepared) throw new Error('nothing prepared');
    return { prepared, outcome: await prepared.transmit(AbortSignal.timeout(1000)) };
  }
  const verify = (challenge: Json | undefined, code: unknown, context = lent()) =>
    factor.verify({ enrolment, challenge, input: { code } }, context);
  return { begun, enrolment, sent, verify };
}

describe('a code of ours', () => {
  it('is six digits in a text that says what it is for, with the line for browsers', async () => {
    const { via, jobs } = delivery('ours');
    const { sent } = await withPhone(sms({ via, countries: COUNTRIES }));
    await sent();
    const [job] = jobs;
    expect(job).toMatchObject({ to: '+12125550100', channel: 'sms', issuer: 'Acme', ttlMs: 300_000, sendId: 'send-1' });
    expect(job?.code).toMatch(/^[0-9]{6}$/);
    expect(job?.text).toBe(
      `${job?.code} is your Acme code. It works for 5 minutes. Do not share it with anyone.\n\n@acme.example #${job?.code}`,
    );
  });

  it('is spoken without the digits in the sentence: the delivery spells them out', async () => {
    const { via, jobs } = delivery('ours');
    const { sent } = await withPhone(voice({ via, countries: COUNTRIES }));
    await sent({ channel: 'voice' });
    expect(jobs[0]?.text).toBe('Hello. Here is your Acme code.');
  });

  it('can have a text of the host’s', async () => {
    const { via, jobs } = delivery('ours');
    const text = ({ code, minutes, locale }: { code: string; minutes: number; locale?: string }) =>
      `${locale}:${code}:${minutes}`;
    const { sent } = await withPhone(sms({ via, countries: COUNTRIES, text }));
    await sent({}, lent(0, { locale: 'de-AT' }));
    expect(jobs[0]?.text).toBe(`de-AT:${jobs[0]?.code}:5`);
  });

  it('is kept as a keyed hash of this very send, and right only for it', async () => {
    const { via, jobs } = delivery('ours');
    const { sent, verify } = await withPhone(sms({ via, countries: COUNTRIES }));
    const { outcome } = await sent();
    if (!outcome.ok) throw new Error('not sent');
    const code = jobs[0]?.code ?? '';
    expect(JSON.stringify(outcome.data)).not.toContain(code);
    expect(await verify(outcome.data, code)).toEqual({ ok: true });
    expect(await verify(outcome.data, code === '000000' ? '000001' : '000000')).toEqual({ ok: false, reason: 'wrong' });
    const { hash } = outcome.data as { hash: string };
    expect(await verify({ owner: 'ours', sendId: 'send-2', hash }, code)).toMatchObject({
      ok: false,
    });
    expect(await verify(undefined, code)).toEqual({ ok: false, reason: 'gone' });
    expect(await verify(outcome.data, '12345')).toEqual({ ok: false, reason: 'malformed' });
  });

  it('counts as sent when nobody knows whether it was: the text may still arrive', async () => {
    const { via, jobs } = delivery('ours', { send: { sent: 'unknown', why: 'timeout' } });
    const { sent, verify } = await withPhone(sms({ via, countries: COUNTRIES }));
    const { outcome } = await sent();
    expect(outcome.ok && (await verify(outcome.data, jobs[0]?.code))).toEqual({ ok: true });
  });

  it.each(['blocked', 'opted_out', 'filtered', 'config'] as const)(
    'is not sent where somebody refused it, whatever else they cannot say: %s',
    async (why) => {
      const { via } = delivery('ours', { send: { sent: 'unknown', why } });
      const { sent } = await withPhone(sms({ via, countries: COUNTRIES }));
      const { outcome } = await sent();
      expect([outcome, nextStep(outcome)]).toEqual([{ ok: false, sent: 'unknown', why }, 'stop']);
    },
  );

  it('is not sent where it surely was not', async () => {
    const { via } = delivery('ours', { send: { sent: 'no', why: 'rate_limited', retryAfterMs: 7_000 } });
    const { sent } = await withPhone(sms({ via, countries: COUNTRIES }));
    expect((await sent()).outcome).toEqual({ ok: false, sent: 'no', why: 'rate_limited', retryAfterMs: 7_000 });
  });
});

describe('a code of theirs', () => {
  it('is never known here, and is checked by the reference of its send', async () => {
    const { via, jobs, checks } = delivery('theirs');
    const { sent, verify } = await withPhone(sms({ via, countries: COUNTRIES }));
    const { prepared, outcome } = await sent();
    expect(jobs[0]?.code).toBeUndefined();
    expect(jobs[0]?.text).toBeUndefined();
    expect(outcome).toEqual({
      ok: true,
      sent: 'yes',
      ref: 'ref-1',
      data: { owner: 'theirs', sendId: 'send-1', refs: { double: 'ref-1' } },
    });
    expect(await verify(outcome.ok ? outcome.data : undefined, '123 456')).toEqual({ ok: true });
    expect(checks).toEqual([{ ref: 'ref-1', to: '+12125550100', code: '123456' }]);
    expect(await verify(prepared.data, '123456')).toEqual({ ok: false, reason: 'gone' });
  });

  it('was not sent where nobody knows: there is nothing to check it by', async () => {
    const { via } = delivery('theirs', { send: { sent: 'unknown', why: 'timeout' } });
    const { sent } = await withPhone(sms({ via, countries: COUNTRIES }));
    expect((await sent()).outcome).toEqual({ ok: false, sent: 'unknown', why: 'timeout' });
  });

  it.each<[CheckResult | undefined, object]>([
    [{ verdict: 'correct' }, { ok: true }],
    [{ verdict: 'wrong' }, { ok: false, reason: 'wrong' }],
    [{ verdict: 'gone' }, { ok: false, reason: 'gone' }],
    [
      { verdict: 'error', why: 'unavailable', reached: false },
      { ok: false, reason: 'unavailable', reached: false },
    ],
    [
      { verdict: 'error', why: 'timeout', reached: true },
      { ok: false, reason: 'unavailable', reached: true },
    ],
    [{ verdict: 'approved' } as never, { ok: false, reason: 'unavailable', reached: true }],
    [{} as never, { ok: false, reason: 'unavailable', reached: true }],
  ])('with the verdict %j is %j', async (check, expected) => {
    const { via } = delivery('theirs', check ? { check } : {});
    const { sent, verify } = await withPhone(sms({ via, countries: COUNTRIES }));
    const { outcome } = await sent();
    expect(await verify(outcome.ok ? outcome.data : undefined, '123456')).toEqual(expected);
  });

  it('names the send before on a resend, and can be discarded', async () => {
    const { via, jobs, cancelled } = delivery('theirs');
    const factor = sms({ via, countries: COUNTRIES });
    const { sent } = await withPhone(factor);
    const { outcome } = await sent();
    if (!outcome.ok) throw new Error('not sent');
    await sent({ sendId: 'send-2', previous: outcome.data });
    expect(jobs.map(({ resendOf }) => resendOf)).toEqual([undefined, 'ref-1']);
    await factor.discard?.(outcome.data, lent());
    await factor.discard?.({}, lent());
    expect(cancelled).toEqual(['ref-1']);
  });

  it('is given up where the delivery forgets the signal', async () => {
    const never = () => new Promise<never>(() => {});
    const via: Delivery = { ...delivery('theirs').via, check: never, cancel: never };
    const factor = sms({ via, countries: COUNTRIES });
    const { verify } = await withPhone(factor);
    const soon = lent(0, { deadline: () => AbortSignal.timeout(10) });
    const challenge = { owner: 'theirs', sendId: 's', refs: { double: 'ref-1' } };
    expect(await verify(challenge, '123456', soon)).toEqual({ ok: false, reason: 'unavailable', reached: true });
    expect(await factor.discard?.(challenge, soon)).toBeUndefined();
  });
});

describe('a number', () => {
  it.each([
    ['+1 900 555 0100', 'destination_refused'],
    ['+44 7400 123456', 'destination_refused'],
    ['12', 'field_invalid'],
    ['', 'field_invalid'],
    [undefined, 'field_invalid'],
    [['+12125550100'], 'field_invalid'],
    ['+12125550100;ext=5', 'field_invalid'],
    ['x'.repeat(65), 'field_invalid'],
  ])('%j is refused: %s', async (phone, code) => {
    const factor = sms({ via: delivery('ours').via, countries: COUNTRIES });
    expect(await factor.beginEnrolment({ phone }, lent())).toEqual({ ok: false, code, field: 'phone' });
  });

  it('is kept sealed, and shown by its last two digits', async () => {
    const factor = sms({ via: delivery('ours').via, countries: COUNTRIES });
    const { begun, enrolment } = await withPhone(factor);
    expect(begun.destination).toBe('••••••••00');
    expect(JSON.stringify(begun.data)).not.toContain('5550100');
    expect(await factor.display?.(begun.data, lent())).toEqual({ phone: '+1 212 555 0100' });
    expect(await factor.sending?.(enrolment.data, lent())).toEqual({
      to: '+12125550100',
      destination: '••••••••00',
      channels: ['sms'],
      country: 'US',
      takes: expect.any(Function),
    });
  });
});

describe('the types of number that are sent to', () => {
  const { via } = delivery('ours');
  const countries = ['GB', 'US'];
  const MOBILE = '+44 7400 123456';
  const LANDLINE = '+44 20 7946 0018';
  const VOIP = '+44 56 1234 5678';
  const EITHER = '+1 212 555 0100';
  const takes = async (factor: Factor, phone: string) => (await factor.beginEnrolment({ phone }, lent())).ok;

  it('are mobile ones for texts, and landlines too for calls and WhatsApp', async () => {
    const everywhere: Delivery = { ...via, offers: [...via.offers, { channel: 'whatsapp', code: 'ours' }] };
    const taken = async (factor: Factor) =>
      await Promise.all([MOBILE, EITHER, LANDLINE, VOIP].map((phone) => takes(factor, phone)));
    expect(await taken(sms({ via, countries }))).toEqual([true, true, false, false]);
    expect(await taken(voice({ via, countries }))).toEqual([true, true, true, false]);
    expect(await taken(whatsapp({ via: everywhere, countries }))).toEqual([true, true, true, false]);
  });

  it('are those the host lists, everywhere or by country', async () => {
    expect(await takes(sms({ via, countries, types: ['mobile', 'voip'] }), VOIP)).toBe(true);
    const byCountry = sms({ via, countries, types: { GB: ['voip'], other: ['mobile-or-landline'] } });
    expect(await Promise.all([VOIP, MOBILE, EITHER].map((phone) => takes(byCountry, phone)))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('P02 are refused in the same words, whatever the type', async () => {
    const factor = sms({ via, countries });
    const answers = await Promise.all(
      [LANDLINE, VOIP, '+44 909 879 0123', '+33 6 12 34 56 78'].map((phone) =>
        factor.beginEnrolment({ phone }, lent()),
      ),
    );
    for (const answer of answers) expect(answer).toEqual({ ok: false, code: 'destination_refused', field: 'phone' });
  });

  it.each<[object, RegExp]>([
    [['premium'], /`types` has premium, which is never sent to or unknown/],
    [[], /`types` has an empty list/],
    ['mobile', /`types` is neither a list nor lists by country/],
    [{ GB: ['mobile'] }, /`types` says nothing of US; add it, or `other`/],
    [{ FR: ['mobile'], other: ['mobile'] }, /`types` names FR, which is not in `countries`/],
  ] as never)('are not %j', (types, advice) => {
    expect(() => sms({ via, countries, types: types as never })).toThrow(advice);
  });
});

describe('set-up mistakes', () => {
  const { via } = delivery('ours');

  it.each<[string, () => unknown, RegExp]>([
    ['no delivery', () => sms({ countries: COUNTRIES } as never), /`via` is missing/],
    ['no countries', () => sms({ via } as never), /`countries` is missing/],
    ['an empty list of countries', () => sms({ via, countries: [] }), /`countries` is missing/],
    ['a country in words', () => sms({ via, countries: ['usa'] }), /`countries` is missing/],
    ['a channel the delivery has not', () => whatsapp({ via, countries: COUNTRIES }), /does not offer whatsapp/],
    [
      'codes of theirs that nobody can check',
      () => sms({ via: { ...via, offers: [{ channel: 'sms', code: 'theirs' }] }, countries: COUNTRIES }),
      /has no `check`/,
    ],
    [
      'two deliveries of one name',
      () => sms({ via: [via, via], countries: COUNTRIES }),
      /two deliveries in `via` have one name/,
    ],
    ['no delivery in the list', () => sms({ via: [], countries: COUNTRIES }), /`via` is missing/],
    [
      'several deliveries, one of them with codes of its own',
      () => sms({ via: [via, { ...delivery('theirs').via, name: 'verifier' }], countries: COUNTRIES }),
      /each must carry codes of ours, and `verifier` makes its own. Give a Verify service `customCode: true`/,
    ],
    [
      'a misspelt option',
      () => sms({ via, country: 'US', countries: COUNTRIES } as never),
      /sms: `country` is not an option/,
    ],
  ])('%s', (_name, make, advice) => {
    expect(make).toThrow(advice);
  });
});
