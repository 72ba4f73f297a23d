import { describe, expect, it } from '@jest/globals';
import {
  crockfordTyped,
  digitsTyped,
  randomCrockford,
  randomDigits,
  randomId,
  slowHash,
} from '../../src/core/codes.js';

describe('O02 random digits', () => {
  it('keep their length and their leading zeros, and cover the whole range evenly', () => {
    const draws = 100_000;
    const counts = Array.from({ length: 4 }, () => Array<number>(10).fill(0));
    let leadingZeros = 0;
    for (let i = 0; i < draws; i += 1) {
      const code = randomDigits(4);
      if (code.length !== 4) throw new Error(`${code} is not four digits.`);
      if (code.startsWith('0')) leadingZeros += 1;
      for (const [place, digit] of [...code].entries()) {
        const column = counts[place];
        if (column) column[Number(digit)] = (column[Number(digit)] ?? 0) + 1;
      }
    }
    expect(leadingZeros / draws).toBeCloseTo(0.1, 1);
    // Nine degrees of freedom: 60 is p < 1e-9.
    for (const column of counts) {
      const chiSquared = column.reduce((sum, count) => sum + (count - draws / 10) ** 2 / (draws / 10), 0);
      expect(chiSquared).toBeLessThan(60);
    }
  });

  it('reach both ends', () => {
    const seen = new Set(Array.from({ length: 2_000 }, () => randomDigits(1)));
    expect([...seen].sort()).toEqual([...'0123456789']);
  });
});

describe('random texts', () => {
  it('are made of letters and digits that are not mistaken for one another, evenly', () => {
    const counts = new Map<string, number>();
    const text = randomCrockford(64_000);
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect([...counts.keys()].sort().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
    // Thirty-one degrees of freedom: 110 is p < 1e-9.
    expect(chiSquared).toBeLessThan(110);
  });

  it('are ids of 256 bits', () => {
    const ids = Array.from({ length: 1_000 }, randomId);
    expect(new Set(ids).size).toBe(1_000);
    expect(ids.every((id) => Buffer.from(id, 'base64url').length === 32)).toBe(true);
  });
});

describe('O07 what a person typed as a code', () => {
  it.each([
    ['123456', '123456'],
    [' 123 456 ', '123456'],
    ['123-456', '123456'],
    ['000000', '000000'],
  ])('%j is %s', (typed, code) => {
    expect(digitsTyped(typed, 6)).toBe(code);
  });

  it.each([
    '１２３４５６',
    '١٢٣٤٥٦',
    '1e5',
    '1e5000',
    '0x1234',
    '12345',
    '1234567',
    '-1',
    '',
    ' ',
    '12345\u0000',
    '123456\n',
    '123\u00a0456',
    '+123456',
    '12.456',
    '9'.repeat(10_000),
    `${' '.repeat(59)}123456`,
    123456,
    ['123456'],
    { length: 6 },
    null,
    undefined,
    true,
    new String('123456'),
  ])('%j cannot be one', (typed) => {
    expect(digitsTyped(typed, 6)).toBeUndefined();
  });

  it.each([
    ['ABCDE-FGHJK-MNP', 'ABCDEFGHJKMNP'],
    ['abcde fghjk mnp', 'ABCDEFGHJKMNP'],
    ['oOiIlL-0000000', '0011110000000'],
  ])('a backup code %j is %s', (typed, code) => {
    expect(crockfordTyped(typed, 13)).toBe(code);
  });

  it.each([
    'ABCDEFGHJKMN',
    'ABCDEFGHJKMNPQ',
    'ABCDEFGHJKMNU',
    'ABCDEFGHJKMN!',
    'ＡBCDEFGHJKMNP',
    5,
    [],
    {},
    null,
    'ß'.repeat(13),
  ])('%j cannot be a backup code', (typed) => {
    expect(crockfordTyped(typed, 13)).toBeUndefined();
  });
});

describe('D04 the slow hash', () => {
  it('depends on the text and the salt', async () => {
    const [a, again, otherSalt, otherText] = await Promise.all([
      slowHash('A', Buffer.alloc(16, 1)),
      slowHash('A', Buffer.alloc(16, 1)),
      slowHash('A', Buffer.alloc(16, 2)),
      slowHash('B', Buffer.alloc(16, 1)),
    ]);
    expect(a).toEqual(again);
    expect(a).toHaveLength(32);
    expect(a).not.toEqual(otherSalt);
    expect(a).not.toEqual(otherText);
  });

  it('leaves the event loop free, however many wait for it', async () => {
    const work = Promise.all(Array.from({ length: 12 }, (_, index) => slowHash(String(index), Buffer.alloc(16))));
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await work;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it('goes on after one that failed', async () => {
    await expect(slowHash(undefined as never, Buffer.alloc(16))).rejects.toThrow();
    await expect(slowHash(undefined as never, Buffer.alloc(16))).rejects.toThrow();
    expect(await slowHash('A', Buffer.alloc(16))).toHaveLength(32);
  });
});
