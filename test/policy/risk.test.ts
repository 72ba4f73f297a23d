import { describe, expect, it } from '@jest/globals';
import { type RiskReason, reasonOf, riskAction, riskScore } from '../../src/policy/risk.js';

const THRESHOLDS = { captcha: 0.4, stronger: 0.6, refuse: 0.9 };

const reason = (signal: string, weight: number, value: number): RiskReason => ({ signal, weight, value });

/** A thousand lists of reasons, the same in every run. */
function manyReasons(): readonly (readonly RiskReason[])[] {
  let seed = 20_961_121;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  const one = () => reason('abcde'.charAt(Math.floor(next() * 5)), next() * 0.95, next());
  return Array.from({ length: 1_000 }, () => Array.from({ length: Math.floor(next() * 8) }, one));
}

describe('the score', () => {
  it.each<[string, readonly RiskReason[], number]>([
    ['nothing seen', [], 0],
    ['one reason is its share', [reason('a', 0.5, 0.5)], 0.25],
    ['a second takes its share of the doubt that is left', [reason('a', 0.5, 1), reason('b', 0.5, 1)], 0.75],
    ['the same reason twice counts once, at its highest', [reason('a', 0.5, 0.2), reason('a', 0.5, 1)], 0.5],
    ['nothing is ever certain', Array.from('abcdefghij', (name) => reason(name, 0.95, 1)), 0.999],
  ])('%s', (_, given, score) => {
    expect(riskScore(given).score).toBeCloseTo(score, 3);
  });

  it('has its reasons with it, the strongest first', () => {
    const scored = riskScore([reason('weak', 0.1, 1), reason('none', 0.9, 0), reason('strong', 0.6, 0.5)]);
    expect(scored.reasons.map(({ signal }) => signal)).toEqual(['strong', 'weak']);
  });

  it('lies between 0 and 1, and is never lowered by another risky signal', () => {
    const lists = manyReasons();
    for (const [place, some] of lists.entries()) {
      const { score } = riskScore(some);
      const withMore = riskScore([...some, ...(lists[(place + 1) % lists.length] ?? [])]).score;
      expect(score).toBeGreaterThanOrEqual(0);
      expect(withMore).toBeGreaterThanOrEqual(score);
      expect(withMore).toBeLessThan(1);
    }
  });

  it('does not depend on the order in which signals answer', () => {
    for (const some of manyReasons()) expect(riskScore([...some].reverse()).score).toBe(riskScore(some).score);
  });
});

it.each([
  [0, 'allow'],
  [0.399, 'allow'],
  [0.4, 'captcha'],
  [0.599, 'captcha'],
  [0.6, 'stronger'],
  [0.899, 'stronger'],
  [0.9, 'refuse'],
  [1, 'refuse'],
] as const)('a score of %p means %s', (score, action) => {
  expect(riskAction(score, THRESHOLDS)).toBe(action);
});

it.each([[undefined], [null], [Number.NaN], [-1], [0], ['1'], [true]])('%p from a signal is no reason', (said) => {
  expect(reasonOf({ name: 'odd', weight: 0.5, look: () => 0 }, said)).toBeUndefined();
});

it('more than 1 from a signal is 1', () => {
  expect(reasonOf({ name: 'odd', weight: 0.5, look: () => 0 }, 7)?.value).toBe(1);
});
