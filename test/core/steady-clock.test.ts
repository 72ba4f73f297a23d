import { expect, it } from '@jest/globals';
import { steadyClock } from '../../src/core/steady-clock.js';

const HOUR = 3_600_000;

function clockThatSays(...times: number[]): readonly number[] {
  let said = 0;
  const now = steadyClock(() => times[said++] ?? Number.NaN);
  return times.map(() => now());
}

it('goes with the clock while that goes on', () => {
  expect(clockThatSays(1, 2, 2, 50)).toEqual([1, 2, 2, 50]);
});

it('X06 stands still while the clock is set back a little', () => {
  expect(clockThatSays(HOUR, HOUR - 600_000, HOUR - 1, HOUR + 5)).toEqual([HOUR, HOUR, HOUR, HOUR + 5]);
});

it('believes a correction of more than an hour, so that one wrong date does not hold for ever', () => {
  expect(clockThatSays(9 * HOUR, HOUR, HOUR + 1)).toEqual([9 * HOUR, HOUR, HOUR + 1]);
});
