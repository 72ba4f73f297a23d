import { describe, expect, it } from '@jest/globals';
import { ERRORS, type ErrorCode } from '../../src/core/errors.js';
import { copy } from '../../src/http/copy.js';

const everyCode = Object.keys(ERRORS) as ErrorCode[];

describe('copy', () => {
  it.each(everyCode)('has a sentence for %s that is not the one for developers', (code) => {
    const sentence = copy.errors[code]({});
    expect(sentence).toMatch(/^[A-Z].{10,}[^.]$/);
    expect(sentence).not.toBe(ERRORS[code].title);
    expect(sentence).not.toMatch(/undefined|NaN|factor|challenge|enrolment/);
  });

  it('says how long to wait in the unit people use', () => {
    const locked = (retryAfterSeconds: number) => copy.errors.user_locked({ retryAfterSeconds });
    expect(locked(1)).toBe('Too many tries. Try again in 1 second or use another way');
    expect(locked(700)).toBe('Too many tries. Try again in 12 minutes or use another way');
    expect(locked(3600)).toBe('Too many tries. Try again in 1 hour or use another way');
    expect(copy.errors.user_locked({})).toBe('Too many tries. Try again later or use another way');
  });

  it('tells how many tries are left only when they run out', () => {
    const wrong = (attemptsLeft?: number) => copy.errors.code_wrong({ attemptsLeft });
    expect(wrong(4)).toBe('That code is not right. Check it and try again');
    expect(wrong()).toBe('That code is not right. Check it and try again');
    expect(wrong(1)).toBe('That code is not right. Check it and try again. You have 1 try left');
  });

  it('speaks of the thing that was asked for', () => {
    expect(copy.errors.code_wrong({ kind: 'password' })).toMatch(/^That password is not right/);
    expect(copy.errors.code_malformed({ digits: 8 })).toBe('The code must be 8 numbers');
    expect(copy.errors.code_malformed({ kind: 'backup-codes', digits: 6 })).toMatch(/not a backup code/);
    expect(copy.errors.field_invalid({ field: 'phone' })).toMatch(/country code/);
    expect(copy.errors.field_invalid({ field: 'nickname' })).toBe('Check what you entered and try again');
  });
});
