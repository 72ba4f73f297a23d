import { describe, expect, it } from '@jest/globals';
import { generateSync } from 'otplib';
import { totp } from '../../src/factors/totp.js';
import { enrolled, lent } from './lent.js';

const NOW = Date.UTC(2027, 0, 1);
const STEP = NOW / 30_000;

async function setUp() {
  const factor = totp();
  const begun = await factor.beginEnrolment({}, lent());
  if (!begun.ok) throw new Error('refused');
  const { secret } = (await factor.display?.(begun.data, lent())) ?? {};
  const code = (steps = 0) => generateSync({ secret: String(secret), epoch: NOW / 1000 + steps * 30 });
  const verify = (given: unknown, { mark = 0, now = NOW } = {}) =>
    factor.verify(
      { enrolment: enrolled('totp', begun.data, mark), challenge: undefined, input: { code: given } },
      lent(now),
    );
  return { factor, begun, code, verify };
}

describe('an authenticator app', () => {
  it('claims the step whose code it was, so that it counts once', async () => {
    const { code, verify } = await setUp();
    expect(await verify(code(-1))).toEqual({ ok: true, raiseMarkTo: STEP - 1 });
    expect(await verify(code(0))).toEqual({ ok: true, raiseMarkTo: STEP });
    expect(await verify(code(1))).toEqual({ ok: true, raiseMarkTo: STEP + 1 });
  });

  it('refuses steps at or below the mark', async () => {
    const { code, verify } = await setUp();
    expect(await verify(code(0), { mark: STEP })).toEqual({ ok: false, reason: 'wrong' });
    expect(await verify(code(-1), { mark: STEP })).toEqual({ ok: false, reason: 'wrong' });
    expect(await verify(code(1), { mark: STEP })).toEqual({ ok: true, raiseMarkTo: STEP + 1 });
  });

  it('says of what has not its number of digits that nothing was compared', async () => {
    const { verify } = await setUp();
    for (const code of ['12345678', '12345', '', undefined, 7])
      expect(await verify(code)).toEqual({ ok: false, reason: 'malformed' });
  });

  it('names a wrong clock only while it is set up', async () => {
    const { factor, begun, code, verify } = await setUp();
    const answer = { enrolment: enrolled('totp', begun.data), challenge: undefined, input: { code: code(-7) } };
    expect(await factor.confirmEnrolment?.(answer, lent())).toEqual({
      ok: false,
      reason: 'wrong',
      clockSkewSeconds: -210,
    });
    expect(await verify(code(-7))).toEqual({ ok: false, reason: 'wrong' });
  });

  it('waits until the step after the mark begins', async () => {
    const { factor, begun } = await setUp();
    const wait = (mark: number, now: number) => factor.waitSeconds?.(enrolled('totp', begun.data, mark), now);
    expect(wait(0, NOW)).toBe(0);
    expect(wait(STEP - 1, NOW)).toBe(0);
    expect(wait(STEP, NOW)).toBe(30);
    expect(wait(STEP, NOW + 29_001)).toBe(1);
    expect(wait(STEP, NOW + 30_000)).toBe(0);
    expect(wait(STEP + 1, NOW)).toBe(60);
  });

  it('keeps 160 bits, sealed', async () => {
    const { factor, begun } = await setUp();
    const { secret } = (await factor.display?.(begun.data, lent())) ?? {};
    expect(String(secret)).toMatch(/^[A-Z2-7]{32}$/);
    expect(JSON.stringify(begun.data)).not.toContain(String(secret));
  });

  it.each([
    [{ window: 3 }, /totp\.window: got 3, expected one of 0, 1, 2 steps/],
    [{ digits: 7 }, /totp\.digits: got 7/],
    [{ algorithm: 'SHA1' }, /totp\.algorithm: got SHA1, expected one of sha1/],
    [{ period: 90 }, /totp\.period: got 90/],
    [{ digit: 6 }, /totp: `digit` is not an option\. Did you mean `digits`\?/],
  ])('is not made with %j', (options, advice) => {
    expect(() => totp(options as never)).toThrow(advice);
  });
});
