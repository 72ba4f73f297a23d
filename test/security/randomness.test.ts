/** Where codes come from, and what happens when the system has no randomness to give. */
import * as crypto from 'node:crypto';
import { afterEach, describe, expect, it, jest } from '@jest/globals';

let isBroken = false;
let drawn: number | undefined;
const ranges: [number, number][] = [];

function draws<T extends unknown[], R>(real: (...args: T) => R): (...args: T) => R {
  return (...args) => {
    if (isBroken) throw new Error('no entropy');
    return real(...args);
  };
}

jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  randomBytes: draws(crypto.randomBytes),
  randomInt: draws((from: number, to: number) => {
    ranges.push([from, to]);
    return drawn ?? crypto.randomInt(from, to);
  }),
}));
const { randomCrockford, randomDigits } = await import('../../src/core/codes.js');
const { createHost } = await import('../support/host.js');
const { waits } = await import('../support/guess.js');
const { Person } = await import('../support/person.js');
const { adaWithPhone, sendsOf } = await import('../support/texting.js');

afterEach(() => {
  isBroken = false;
  drawn = undefined;
});

const DRAWS = 1_000_000;

/** Above this, chance would be less than one in a thousand million (Wilson and Hilferty’s approximation). */
function beyondChance(freedom: number): number {
  const z = 5.998;
  return freedom * (1 - 2 / (9 * freedom) + z * Math.sqrt(2 / (9 * freedom))) ** 3;
}

function chiSquare(counts: readonly number[], total: number): number {
  const expected = total / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('O02 where codes come from', () => {
  it('a million codes: six digits each, every digit at every place alike, leading zeros among them', () => {
    const places = Array.from({ length: 6 }, () => new Array<number>(10).fill(0));
    const halves = [new Array<number>(1000).fill(0), new Array<number>(1000).fill(0)] as const;
    let leadingZeros = 0;
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const code = randomDigits(6);
      if (code.length !== 6) throw new Error('not six digits');
      if (code.startsWith('0')) leadingZeros += 1;
      for (const [place, counts] of places.entries()) {
        const digit = code.charCodeAt(place) - 48;
        counts[digit] = (counts[digit] ?? Number.NaN) + 1;
      }
      const [head, tail] = [Number(code.slice(0, 3)), Number(code.slice(3))];
      halves[0][head] = (halves[0][head] ?? Number.NaN) + 1;
      halves[1][tail] = (halves[1][tail] ?? Number.NaN) + 1;
    }
    for (const counts of places) expect(chiSquare(counts, DRAWS)).toBeLessThan(beyondChance(9));
    for (const counts of halves) expect(chiSquare(counts, DRAWS)).toBeLessThan(beyondChance(999));
    expect(leadingZeros / DRAWS).toBeCloseTo(0.1, 2);
  });

  it('from the whole range: 000000 and 999999 can both be drawn', () => {
    drawn = 0;
    expect(randomDigits(6)).toBe('000000');
    drawn = 999_999;
    expect(randomDigits(6)).toBe('999999');
    expect(ranges.every(([from, to]) => from === 0 && to === 1_000_000)).toBe(true);
  });

  it('backup codes: every character at every place alike', () => {
    const places = Array.from({ length: 13 }, () => new Map<string, number>());
    for (let draw = 0; draw < 20_000; draw += 1) {
      for (const [place, character] of [...randomCrockford(13)].entries())
        places[place]?.set(character, (places[place]?.get(character) ?? 0) + 1);
    }
    for (const counts of places) {
      expect([...counts.keys()].sort().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
      expect(chiSquare([...counts.values()], 20_000)).toBeLessThan(beyondChance(31));
    }
  });
});

describe('O02 no randomness', () => {
  it('is 503 and no text, and nothing weaker is sent instead', async () => {
    const host = createHost();
    const { ada, phone } = await adaWithPhone(host);
    const browser = await waits(ada.elsewhere());
    isBroken = true;
    const { body, headers } = await browser.post('/mfa/challenge', { factorId: phone }).expect(503);
    expect(body.code).toBe('unavailable');
    expect(headers['retry-after']).toBeDefined();
    expect(host.inbox.messages()).toEqual([]);
    isBroken = false;
    host.clock.advance(30_000);
    await browser.post('/mfa/challenge', { factorId: phone }).expect(202);
    expect(await sendsOf(host, 'user-ada')).toBeLessThanOrEqual(2);
    await browser.verify({ factorId: phone, code: browser.texted() }).expect(200);
  });

  it('is 503 and no factor where the backup codes cannot be made', async () => {
    const host = createHost();
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    isBroken = true;
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(503);
    isBroken = false;
    expect((await host.mfa.api.factorsOf('user-ada')).factors).toEqual([]);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(200);
  });
});
