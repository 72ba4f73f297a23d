import { describe, expect, it } from '@jest/globals';
import {
  answerMark,
  askMark,
  blockIds,
  blocksOf,
  isBarren,
  runMarks,
  type Scope,
  tally,
} from '../../src/policy/toll-fraud.js';

const numberNo = (index: number) => `+1${2_125_550_000 + index}`;

describe('a run of neighbouring numbers', () => {
  it('of seven is inside one block, wherever it begins', () => {
    for (let start = 0; start < 50; start += 1) {
      const run = Array.from({ length: 7 }, (_, index) => new Set(blocksOf(numberNo(start + index))));
      const common = [...(run[0] ?? [])].filter((block) => run.every((blocks) => blocks.has(block)));
      expect(common.length).toBeGreaterThan(0);
    }
  });

  it('is told apart from numbers that are fourteen or more apart', () => {
    for (let start = 0; start < 50; start += 1) {
      const first = new Set(blocksOf(numberNo(start)));
      expect(blocksOf(numberNo(start + 14)).filter((block) => first.has(block))).toEqual([]);
    }
  });

  it('keeps the longest numbers apart, which a double cannot hold', () => {
    expect(blocksOf('+999999999999999')).not.toEqual(blocksOf('+999999999999980'));
  });

  it('marks the number, and not how often it is sent to', () => {
    expect(runMarks(['7'], 'n', false, 4)).toEqual([
      { do: 'put', kind: 'run:7', id: 'n', data: null, ttlMs: 600_000, atMost: 4 },
    ]);
    expect(runMarks(['7'], 'n', true, 4)).toMatchObject([{ kind: 'set-up-run:7' }]);
  });
});

describe('conversion', () => {
  const RULE = { sends: 10, share: 0.2 };

  it.each([
    ['ten old sends, none answered', [10, 0, 0, 0], true],
    ['nine', [9, 0, 0, 0], false],
    ['one of ten', [10, 1, 0, 0], true],
    ['two of ten', [10, 2, 0, 0], false],
    ['a hundred that went out just now', [100, 0, 100, 0], false],
    ['a hundred of which ninety-one are young', [100, 0, 60, 31], false],
    ['a hundred of which ninety are young', [100, 0, 60, 30], true],
    ['young ones of the hour before', [3, 0, 3, 20], false],
  ] as const)('of %s', (_, counts, barren) => {
    expect(isBarren(counts, RULE)).toBe(barren);
  });

  it('asks about the hour by the clock, and leaves out the youngest in two steps', () => {
    const scope: Scope = { kind: 'country', id: 'US' };
    const [asked, right, young, before] = tally(scope, false, 7_200_000 + 60_000, 300_000);
    expect([asked.key, right.key, young.key, before.key]).toEqual([
      'asked:country:US:2',
      'right:country:US:2',
      'young:country:US:24',
      'young:country:US:23',
    ]);
    expect([asked.peek, right.peek, young.peek, before.peek]).toEqual([undefined, true, undefined, true]);
  });

  it('counts a number once in an hour, for set-ups and sign-ins apart', () => {
    const at = 7_200_000;
    const ids = [askMark('n', false, at), askMark('n', false, at + 3_599_999), askMark('n', false, at + 3_600_000)];
    expect(ids.map(({ id }) => id)).toEqual(['n:2', 'n:2', 'n:3']);
    expect(askMark('n', true, at).id).toBe('set-up-n:2');
    expect(answerMark('n', true, at)).toMatchObject({ id: 'set-up-n:2', if: 'absent' });
  });

  it('of set-ups stops set-ups; of sign-ins it stops both', () => {
    const scope: Scope = { kind: 'prefix', id: 'p' };
    expect(blockIds(scope, false)).toEqual(['prefix:p']);
    expect(blockIds(scope, true)).toEqual(['prefix:p', 'set-up-prefix:p']);
  });
});
