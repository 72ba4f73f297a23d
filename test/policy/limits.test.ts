import { describe, expect, it } from '@jest/globals';
import { totp } from '../../src/factors/totp.js';
import type { LimitOptions } from '../../src/index.js';
import { readOptions } from '../../src/options/read-options.js';
import {
  challengeTries,
  leftBeforeLock,
  lockMsAfter,
  lockOf,
  sendLadder,
  sharedSends,
  userSends,
  userTries,
} from '../../src/policy/limits.js';

const MINUTE = 60_000;

function limitsOf(limits: LimitOptions = {}) {
  const options = {
    issuer: 'A',
    secrets: ['x'.repeat(32)],
    users: { findById: () => null },
    factors: [totp()],
    limits,
  };
  return readOptions(options, { production: false }).limits;
}

const PRESET = limitsOf();

describe('wrong answers of one user with one kind', () => {
  it('pause after each ten, twice as long each time up to an hour, and end after a hundred', () => {
    const hours = Object.fromEntries([30, 40, 50, 60, 70, 80, 90].map((count) => [count, 60 * MINUTE]));
    const waits = { 10: 15 * MINUTE, 20: 30 * MINUTE, ...hours };
    expect(userTries('totp', PRESET)).toEqual({ key: 'wrong:totp', limit: 100, waits });
    expect(userTries('totp', PRESET).windowMs).toBeUndefined();
  });

  it('can only be looked at, by the same measure', () => {
    expect(lockOf('sms', PRESET)).toEqual({ ...userTries('sms', PRESET), peek: true });
  });

  it('have a longest lock that is no shorter than the first', () => {
    expect(userTries('totp', limitsOf({ lock: '2h' })).waits).toMatchObject({ 10: 120 * MINUTE, 20: 120 * MINUTE });
    expect(userTries('totp', limitsOf({ lock: '30m', longestLock: '30m' })).waits).toMatchObject({ 90: 30 * MINUTE });
  });

  it.each([
    [0, 10],
    [1, 9],
    [9, 1],
    [10, 0],
    [11, 9],
    [95, 5],
    [99, 1],
    [100, 0],
  ])('leave after %i of them %i', (count, left) => {
    expect(leftBeforeLock(count, PRESET)).toBe(left);
  });

  it('leave no more than the end allows, where that comes before the next lock', () => {
    const odd = limitsOf({ triesBeforeLock: 30, triesWithoutSuccess: 100 });
    expect([0, 29, 30, 90, 95, 99, 100].map((count) => leftBeforeLock(count, odd))).toEqual([30, 1, 0, 0, 5, 1, 0]);
    const short = limitsOf({ triesBeforeLock: 10, triesWithoutSuccess: 4 });
    expect([0, 3, 4].map((count) => leftBeforeLock(count, short))).toEqual([4, 1, 0]);
    expect(userTries('totp', short).waits).toEqual({});
  });

  it('name the lock that follows one of them, and none for the others', () => {
    expect([9, 10, 11, 20, 100].map((count) => lockMsAfter(count, 'totp', PRESET))).toEqual([
      undefined,
      15 * MINUTE,
      undefined,
      30 * MINUTE,
      undefined,
    ]);
  });
});

describe('answers to one challenge', () => {
  it('are five, remembered as long as the sign-in waits', () => {
    expect(challengeTries('c', 'totp', PRESET)).toEqual({ key: 'tries:c:totp', limit: 5, windowMs: 10 * MINUTE });
  });

  it('are remembered as long as the code works, where that is longer', () => {
    const options = { issuer: 'A', secrets: ['x'.repeat(32)], users: { findById: () => null }, factors: [totp()] };
    const { limits } = readOptions({ ...options, pendingFor: '1m', limits: { codeTtl: '10m' } }, { production: false });
    expect(challengeTries('c', 'sms.a.b', limits).windowMs).toBe(10 * MINUTE);
  });
});

describe('sends', () => {
  it('of one challenge climb a ladder that ends with its first code', () => {
    expect(sendLadder('c', 'sms.a.b', PRESET)).toEqual({
      key: 'sends:c:sms.a.b',
      limit: 4,
      windowMs: 5 * MINUTE,
      waits: { 1: 30_000, 2: 60_000, 3: 120_000 },
    });
  });

  it('keep their last pause where the pauses together are longer than a code works', () => {
    const slow = limitsOf({ resendAfter: ['5m', '10m'] });
    expect(sendLadder('c', 'e', slow)).toMatchObject({ limit: 3, windowMs: 15 * MINUTE });
  });

  it('of one user are five an hour', () => {
    expect(userSends(PRESET)).toEqual({ key: 'sends-by-user', limit: 5, windowMs: 60 * MINUTE });
  });

  it('are counted by number, prefix, address and day, all at once', () => {
    const hits = sharedSends({ number: 'n', prefix: 'p', ip: '198.51.100.7', settingUp: false }, PRESET);
    expect(hits.map(({ limit, hit }) => [limit, hit.key, hit.limit, (hit.windowMs ?? 0) / MINUTE])).toEqual([
      ['number', 'number-10m:n', 3, 10],
      ['number', 'number-1h:n', 5, 60],
      ['number', 'number-1d:n', 10, 24 * 60],
      ['prefix', 'prefix-10m:p', 5, 10],
      ['prefix', 'prefix-1h:p', 20, 60],
      ['day', 'all-1d', 1000, 24 * 60],
      ['ip', 'ip-1h:198.51.100.7', 10, 60],
    ]);
  });

  it('without an address are counted by everything else', () => {
    expect(sharedSends({ number: 'n', prefix: 'p', settingUp: false }, PRESET)).toHaveLength(6);
  });

  it('for setting a number up are counted apart from those for signing in with it; the day and the address are shared', () => {
    const keys = (settingUp: boolean) =>
      sharedSends({ number: 'n', prefix: 'p', ip: '198.51.100.7', settingUp }, PRESET).map(({ hit }) => hit.key);
    expect(keys(true).filter((key) => keys(false).includes(key))).toEqual(['all-1d', 'ip-1h:198.51.100.7']);
  });
});
