import { describe, expect, it } from '@jest/globals';
import { admit, type Counter, countOf, isForgotten, refund, settle } from '../../src/core/counting.js';
import type { Hit } from '../../src/core/store.js';

const NOW = 1_800_000_000_000;
const HIT: Hit = { key: 'k', limit: 1000 };

function hits(times: number, from?: Counter): Counter {
  let counter = from;
  for (let time = 0; time < times; time++) {
    const admission = admit(counter, HIT, NOW);
    if (!admission.ok) throw new Error('refused');
    counter = admission.counter;
  }
  if (!counter) throw new Error('no hits');
  return counter;
}

describe('a counter', () => {
  it('numbers hits from the clock, exactly, until long after all of us', () => {
    const counter = hits(3);
    expect(counter.total - counter.floor).toBe(3);
    expect(Number.isSafeInteger(admitTotal(Date.UTC(2250, 0, 1)))).toBe(true);
  });

  it('gives a later counter numbers above those of an earlier one', () => {
    expect(admitTotal(NOW + 1)).toBeGreaterThan(hits(900).total);
  });

  it('counts what a plain list of hits would count, whatever is settled and refunded in whatever order', () => {
    const next = randomNumbers(20_261_121);
    for (let round = 0; round < 300; round++) {
      let counter = hits(1);
      let open = new Set([counter.total]);
      for (let step = 0; step < 40; step++) {
        const number = counter.total - Math.floor(next() * 12);
        const choice = next();
        if (choice < 0.5) {
          counter = hits(1, counter);
          open.add(counter.total);
        } else if (choice < 0.9) {
          counter = refund(counter, number, NOW);
          open.delete(number);
        } else {
          counter = settle(counter, number, NOW);
          open = new Set([...open].filter((each) => each > number));
        }
        expect(countOf(counter)).toBe(open.size);
        expect(counter.refunded.length).toBeLessThanOrEqual(open.size);
      }
    }
  });

  it('stays small through a long outage: neighbouring refunds are one span', () => {
    let counter = hits(2);
    for (let time = 0; time < 1000; time++) {
      counter = hits(1, counter);
      counter = refund(counter, counter.total, NOW);
    }
    expect(countOf(counter)).toBe(2);
    expect(counter.refunded).toHaveLength(1);
  });

  it('is left as it is by a refund that is not its own', () => {
    const counter = settle(hits(3), hits(1).total, NOW);
    for (const hit of [counter.floor, counter.floor - 7, counter.total + 1])
      expect(refund(counter, hit, NOW)).toBe(counter);
  });

  it('ends an hour after nothing in it counts any more, where no window ends it', () => {
    const settled = settle(hits(3), hits(3).total, NOW);
    expect(isForgotten(settled, NOW + 3_599_999)).toBe(false);
    expect(isForgotten(settled, NOW + 3_600_000)).toBe(true);
    expect(hits(1, settled).resetAt).toBeUndefined();
  });

  it('does not end by itself while something in it counts', () => {
    const counter = hits(3);
    expect(settle(counter, counter.total - 1, NOW).resetAt).toBeUndefined();
  });

  it('pauses from the latest hit that was not refunded', () => {
    const ladder = { ...HIT, waits: { 2: 100 } };
    const two = hits(2);
    const third = admit(two, ladder, NOW + 100);
    if (!third.ok) throw new Error('refused');
    expect(admit(refund(third.counter, third.count.total, NOW + 150), ladder, NOW + 150).ok).toBe(true);
    expect(admit(two, ladder, NOW + 99)).toEqual({ ok: false, retryAt: NOW + 100 });
  });

  it('does not pause where nothing counts', () => {
    const counter = settle(hits(1), hits(1).total, NOW);
    expect(admit(counter, { ...HIT, waits: { 0: 1000 } }, NOW).ok).toBe(true);
  });
});

function admitTotal(now: number): number {
  const admission = admit(undefined, HIT, now);
  return admission.ok ? admission.count.total : Number.NaN;
}

/** Park and Miller's generator: the same numbers in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
