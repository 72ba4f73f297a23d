import { describe, expect, it } from '@jest/globals';
import { backupCodes } from '../../src/factors/backup-codes.js';
import { enrolled, lent } from './lent.js';

async function aSet(count = 5) {
  const factor = backupCodes({ count });
  const made = await factor.makeSet?.(lent());
  if (!made || !factor.verifyAmong) throw new Error('no set');
  const verify = (code: unknown, parts = made.parts) =>
    factor.verifyAmong?.(
      { enrolment: enrolled('backup-codes', made.data), challenge: undefined, input: { code } },
      parts,
      lent(),
    );
  return { ...made, factor, verify };
}

describe('backup codes', () => {
  it('are ten of thirteen characters in groups, unless told', async () => {
    const made = await backupCodes().makeSet?.(lent());
    expect(made?.codes).toHaveLength(10);
    for (const code of made?.codes ?? [])
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{3}$/);
  });

  it('share one salt of 128 bits, which no other set has', async () => {
    const [one, other] = [await aSet(), await aSet()];
    const salt = ({ data }: { data: unknown }) => (data as { salt: string }).salt;
    expect(Buffer.from(salt(one), 'base64url')).toHaveLength(16);
    expect(salt(one)).not.toBe(salt(other));
  });

  it('spend their own part, wherever in the set it stands', async () => {
    const { codes, parts, verify } = await aSet();
    for (const [index, code] of codes.entries()) {
      expect(await verify(code)).toEqual({ ok: true, spend: [parts[index]?.id] });
      expect(
        await verify(
          code,
          parts.filter((_, at) => at !== index),
        ),
      ).toEqual({ ok: false, reason: 'wrong' });
    }
  });

  it('of one set are nothing to another', async () => {
    const [one, other] = [await aSet(), await aSet()];
    expect(await one.verify(other.codes[0])).toEqual({ ok: false, reason: 'wrong' });
    expect(await one.verify(one.codes[0], other.parts)).toEqual({ ok: false, reason: 'wrong' });
  });

  it('are never checked without their parts, nor set up by hand', async () => {
    const { factor, data, codes } = await aSet();
    const answer = { enrolment: enrolled('backup-codes', data), challenge: undefined, input: { code: codes[0] } };
    expect((await factor.verify(answer, lent())).ok).toBe(false);
    expect(await factor.beginEnrolment({}, lent())).toMatchObject({ ok: false, code: 'not_found' });
  });

  it.each([[4], [21], [7.5], [Number.NaN], ['10']])('are not made %s at a time', (count) => {
    expect(() => backupCodes({ count } as never)).toThrow(/backupCodes\.count/);
  });
});
