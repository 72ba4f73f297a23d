import { describe, expect, it } from '@jest/globals';
import type { FailureClass } from '../../src/index.js';
import { bringsTooFew, isLost } from '../../src/policy/delivery-rate.js';

const NEW = { arrived: 0, lost: 0 };

describe('a carrier brings too few', () => {
  it.each([
    ['of ten, four', { arrived: 4, lost: 6 }, NEW, true],
    ['of ten, five', { arrived: 5, lost: 5 }, NEW, false],
    ['none of nine, which are too few to tell', { arrived: 0, lost: 9 }, NEW, false],
    ['none of ten', { arrived: 0, lost: 10 }, NEW, true],
    ['three of ten, and it always was so', { arrived: 3, lost: 7 }, { arrived: 300, lost: 700 }, false],
    ['one of ten, and three always', { arrived: 1, lost: 9 }, { arrived: 300, lost: 700 }, true],
    ['nothing told', NEW, { arrived: 1_000, lost: 0 }, false],
  ])('%s', (_, recent, usual, poor) => {
    expect(bringsTooFew(recent, usual)).toBe(poor);
  });
});

it.each<[FailureClass | undefined, boolean]>([
  ['filtered', true],
  ['unreachable', true],
  ['unavailable', true],
  ['invalid_destination', false],
  ['landline', false],
  ['opted_out', false],
  ['blocked', false],
  [undefined, false],
])('a send that did not arrive because of %s says something of its carrier: %s', (why, lost) => {
  expect(isLost(why)).toBe(lost);
});
