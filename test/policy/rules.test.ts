import { describe, expect, it } from '@jest/globals';
import type { Grant } from '../../src/core/words.js';
import { compileRule, type Rule, unmetBy } from '../../src/policy/rules.js';

const KINDS = ['totp', 'sms', 'backup-codes'];
const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

const grant = (factor: string, minutesAgo: number, enrolment: string | undefined = `${factor}.1`): Grant => ({
  factor,
  at: NOW - minutesAgo * MINUTE,
  amr: [],
  ...(enrolment === undefined ? {} : { enrolment }),
});
const password: Grant = { factor: 'password', at: NOW, amr: ['pwd'] };
const unmet = (rule: Rule, ...grants: Grant[]) => unmetBy(compileRule(rule, KINDS), { grants }, NOW);

describe('any second factor', () => {
  it('is met by one, however old, and by no first factor', () => {
    expect(unmet({}, grant('totp', 60 * 24 * 365))).toEqual([]);
    expect(unmet({}, password)).toEqual([{ factors: [], problem: 'missing' }]);
    expect(unmet({})).toEqual([{ factors: [], problem: 'missing' }]);
  });

  it('is not met by a grant that only has the name of a factor', () => {
    const named: Grant = { factor: 'totp', at: NOW, amr: [] };
    expect(unmet({}, named)).toEqual([{ factors: [], problem: 'missing' }]);
  });
});

describe('a time limit', () => {
  it('counts to the millisecond, and the newest grant counts', () => {
    expect(unmet({ within: '5m' }, grant('totp', 5))).toEqual([]);
    expect(unmet({ within: 5 * MINUTE - 1 }, grant('totp', 5))).toEqual([{ factors: [], problem: 'expired' }]);
    expect(unmet({ within: '5m' }, grant('totp', 9), grant('sms', 1))).toEqual([]);
  });

  it('is met by a grant from the future, which a clock that was set back leaves behind', () => {
    expect(unmet({ within: '5m' }, grant('totp', -3))).toEqual([]);
  });

  it('of nothing is met by nothing old', () => {
    expect(unmet({ within: 1 }, grant('totp', 1))).toEqual([{ factors: [], problem: 'expired' }]);
  });
});

describe('several kinds', () => {
  it('anyOf: one fresh one is enough; what is old is expired even where another is missing', () => {
    expect(unmet({ anyOf: ['totp', 'sms'] }, grant('sms', 1))).toEqual([]);
    expect(unmet({ anyOf: ['totp', 'sms'], within: '5m' }, grant('sms', 9))).toEqual([
      { factors: ['totp', 'sms'], problem: 'expired' },
    ]);
    expect(unmet({ anyOf: ['totp', 'sms'] }, grant('backup-codes', 1))).toEqual([
      { factors: ['totp', 'sms'], problem: 'missing' },
    ]);
  });

  it('allOf: each is told apart', () => {
    expect(unmet({ allOf: ['totp', 'sms'], within: '5m' }, grant('totp', 9))).toEqual([
      { factors: ['totp'], problem: 'expired' },
      { factors: ['sms'], problem: 'missing' },
    ]);
    expect(unmet({ allOf: ['totp', 'sms'], within: '5m' }, grant('totp', 1), grant('sms', 2))).toEqual([]);
  });

  it('allOf and anyOf together are both asked', () => {
    const rule: Rule = { allOf: ['totp'], anyOf: ['sms', 'backup-codes'] };
    expect(unmet(rule, grant('totp', 1))).toEqual([{ factors: ['sms', 'backup-codes'], problem: 'missing' }]);
    expect(unmet(rule, grant('totp', 1), grant('sms', 1))).toEqual([]);
  });
});

describe('a predicate', () => {
  const asked = (answer: unknown) =>
    unmetBy(compileRule((() => answer) as never, KINDS), { grants: [grant('totp', 1)] }, NOW).length === 0;

  it('says yes with true, and with nothing else', () => {
    expect(asked(true)).toBe(true);
    for (const answer of [1, 'yes', {}, [], Promise.resolve(true), undefined, null, false])
      expect(asked(answer)).toBe(false);
  });

  it('that throws says no', () => {
    const broken = compileRule(() => {
      throw new Error('broken');
    }, KINDS);
    expect(unmetBy(broken, { grants: [grant('totp', 1)] }, NOW)).toEqual([{ factors: [], problem: 'missing' }]);
  });
});
