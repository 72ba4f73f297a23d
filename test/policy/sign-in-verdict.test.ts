import { describe, expect, it } from '@jest/globals';
import { type Policy, readPolicy, signInVerdict } from '../../src/policy/sign-in-verdict.js';

function verdict(policy: Policy, enrolled: readonly string[], configured: readonly string[] = ['totp', 'sms']) {
  const read = readPolicy(policy);
  const offered = configured.filter(read.allows);
  return signInVerdict({ policy: read, enrolled, usable: enrolled.filter((kind) => offered.includes(kind)), offered });
}

describe('what a right first factor leads to', () => {
  it.each<[Policy, string[], string]>([
    ['optional', [], 'complete'],
    ['optional', ['totp'], 'challenge'],
    ['required', [], 'enrol'],
    ['required', ['sms'], 'challenge'],
    [{ mfa: 'optional', factors: ['totp'] }, ['totp', 'sms'], 'challenge'],
    [{ mfa: 'optional', factors: ['totp'] }, ['sms'], 'no_usable_factor'],
    [{ mfa: 'required', factors: ['totp'] }, ['sms'], 'no_usable_factor'],
    [{ mfa: 'required', factors: ['totp'] }, [], 'enrol'],
    [{ mfa: 'required', factors: ['webauthn'] }, [], 'no_usable_factor'],
    [{ mfa: 'required', factors: [] }, [], 'no_usable_factor'],
    [{ mfa: 'optional', factors: [] }, [], 'complete'],
  ])('%j with %j is %s', (policy, enrolled, expected) => {
    expect(verdict(policy, enrolled)).toBe(expected);
  });

  it('a factor that is no longer configured lets nobody in', () => {
    expect(verdict('optional', ['sms'], ['totp'])).toBe('no_usable_factor');
  });

  it('names the kinds only where policy names some', () => {
    expect(readPolicy('required').kinds).toBeUndefined();
    expect(readPolicy({ mfa: 'required', factors: ['totp'] }).kinds).toEqual(['totp']);
    expect(readPolicy('optional').allows('constructor')).toBe(true);
    expect(readPolicy({ mfa: 'optional', factors: ['totp'] }).allows('toString')).toBe(false);
  });
});
