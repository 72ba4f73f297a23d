import { describe, expect, it } from '@jest/globals';
import { durationMs } from '../../src/core/duration.js';
import { MfaError } from '../../src/core/errors.js';

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['15m', 900_000],
    ['1.5h', 5_400_000],
    ['14d', 1_209_600_000],
    [1_000, 1_000],
  ] as const)('%j is %d ms', (given, ms) => {
    expect(durationMs(given, 'limits.lock')).toBe(ms);
  });

  it.each([
    '',
    '15',
    '15 m',
    '15min',
    'm',
    '-5s',
    '1e3s',
    '١٥m',
    null,
    undefined,
    {},
    [],
    true,
    Number.NaN,
    Infinity,
    10n,
    Symbol('s'),
  ])('is not %p, and the error says what it is instead', (given) => {
    const read = () => durationMs(given as never, 'limits.lock');
    expect(read).toThrow(MfaError);
    expect(read).toThrow(/^limits\.lock: got .+, expected milliseconds or a text such as '30s', '15m', '14d'\.$/);
  });

  it('lies inside its bounds, ends included', () => {
    const bounds = { min: '1m', max: '10m' } as const;
    expect(durationMs('1m', 'codeTtl', bounds)).toBe(60_000);
    expect(durationMs('10m', 'codeTtl', bounds)).toBe(600_000);
    expect(() => durationMs('59s', 'codeTtl', bounds)).toThrow('codeTtl: 59s is below the smallest allowed value, 1m.');
    expect(() => durationMs('11m', 'codeTtl', bounds)).toThrow('codeTtl: 11m is above the ceiling, 10m.');
  });

  it('is never nothing, and never too long to count', () => {
    expect(() => durationMs(0, 'x')).toThrow('x: 0 is below the smallest allowed value, 1ms.');
    expect(() => durationMs(-1, 'x')).toThrow(/below/);
    expect(() => durationMs('99999999999999d', 'x')).toThrow(/^x: 99999999999999d is above the ceiling, \d+ms\.$/);
  });
});
