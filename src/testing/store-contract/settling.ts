import assert from 'node:assert/strict';
import type { CounterWrite, Store } from '../../core/store.js';
import { type Case, does } from './bench.js';

/** Hits so many times; the numbers of the hits. */
async function hitTimes(store: Store, times: number, windowMs?: number): Promise<readonly number[]> {
  const hit = { key: 'k', limit: 1000, ...(windowMs === undefined ? {} : { windowMs }) };
  const { counts } = await does(store, 'ada', { hits: Array.from({ length: times }, () => hit) });
  return counts.map(({ total }) => total);
}

/** Hits once more; how many hits counted before. */
async function countOf(store: Store): Promise<number> {
  const { counts } = await does(store, 'ada', { hits: [{ key: 'k', limit: 1000 }] });
  return (counts[0]?.count ?? Number.NaN) - 1;
}

const settle = (upTo = Number.NaN): CounterWrite => ({ do: 'settle', key: 'k', upTo });
const refund = (hit = Number.NaN): CounterWrite => ({ do: 'refund', key: 'k', hit });

/** After five hits: what is taken back, by position, and how many hits count then. */
const SEQUENCES: readonly (readonly [
  name: string,
  steps: readonly (readonly ['settle' | 'refund', number])[],
  left: number,
])[] = [
  ['settles a hit and those before it; later ones still count', [['settle', 2]], 3],
  ['settles everything', [['settle', 5]], 0],
  [
    'changes nothing more when the same hit is settled twice',
    [
      ['settle', 3],
      ['settle', 3],
    ],
    2,
  ],
  [
    'changes nothing when an earlier hit is settled late',
    [
      ['settle', 3],
      ['settle', 1],
    ],
    2,
  ],
  ['refunds one hit', [['refund', 5]], 4],
  [
    'refunds hits in any order',
    [
      ['refund', 4],
      ['refund', 1],
      ['refund', 2],
    ],
    2,
  ],
  [
    'refunds every hit',
    [
      ['refund', 5],
      ['refund', 3],
      ['refund', 1],
      ['refund', 2],
      ['refund', 4],
    ],
    0,
  ],
  [
    'refunds nothing for a hit that is settled',
    [
      ['settle', 3],
      ['refund', 2],
      ['refund', 3],
    ],
    2,
  ],
  [
    'refunds a hit after an earlier one was settled',
    [
      ['settle', 3],
      ['refund', 5],
    ],
    1,
  ],
  [
    'settles past a refunded hit without taking it back twice',
    [
      ['refund', 2],
      ['settle', 3],
    ],
    2,
  ],
  [
    'still knows a later refund when an earlier hit is settled',
    [
      ['refund', 5],
      ['settle', 4],
    ],
    0,
  ],
  [
    'still knows several later refunds',
    [
      ['refund', 5],
      ['refund', 3],
      ['settle', 1],
    ],
    2,
  ],
];

export const settling: readonly Case[] = [
  ...SEQUENCES.map(
    ([name, steps, left]): Case => [
      name,
      async ({ store }) => {
        const numbers = await hitTimes(store, 5);
        for (const [what, position] of steps) {
          const number = numbers[position - 1];
          await does(store, 'ada', { counters: [what === 'settle' ? settle(number) : refund(number)] });
        }
        assert.equal(await countOf(store), left);
      },
    ],
  ),
  [
    'settles once for good: hits that come later count, however often the old number is settled',
    async ({ store }) => {
      const numbers = await hitTimes(store, 3);
      await does(store, 'ada', { counters: [settle(numbers[2])] });
      const later = await hitTimes(store, 1);
      for (let times = 0; times < 3; times++) await does(store, 'ada', { counters: [settle(numbers[2])] });
      assert.equal(await countOf(store), 1);
      assert.ok((later[0] ?? 0) > (numbers[2] ?? 0));
    },
  ],
  [
    'opens a full counter for exactly as many hits as were taken back',
    async ({ store }) => {
      const numbers = await hitTimes(store, 5);
      await does(store, 'ada', { counters: [settle(numbers[1]), refund(numbers[3])] });
      const hit = { key: 'k', limit: 5 };
      await does(store, 'ada', { hits: [hit, hit, hit] });
      assert.equal((await store.commit('ada', { hits: [hit] })).ok, false);
    },
  ],
  [
    'does not settle or refund a number that was not given yet',
    async ({ store }) => {
      const numbers = await hitTimes(store, 2);
      const next = (numbers[1] ?? 0) + 1;
      await does(store, 'ada', { counters: [refund(next)] });
      assert.equal(await countOf(store), 2);
      await does(store, 'ada', { counters: [settle(next + 5)] });
      assert.equal(await countOf(store), 0);
      assert.equal(await countOf(store), 1);
    },
  ],
  [
    'settles and refunds nothing where there is no counter',
    async ({ store }) => {
      await does(store, 'ada', { counters: [settle(7), refund(7), { do: 'clear', prefix: 'k' }] });
      assert.equal(await countOf(store), 0);
    },
  ],
  [
    'does not let a late settle or refund reach the counter of the next window',
    async ({ store, tick, until, now }) => {
      const numbers = await hitTimes(store, 3, tick);
      await until((await now()) + tick);
      await hitTimes(store, 3);
      await does(store, 'ada', { counters: [refund(numbers[0]), refund(numbers[2]), settle(numbers[2])] });
      assert.equal(await countOf(store), 3);
    },
  ],
  [
    'does not let a late settle or refund reach a counter that began after a clear',
    async ({ store, tick, until, now }) => {
      const numbers = await hitTimes(store, 3);
      await does(store, 'ada', { counters: [{ do: 'clear', prefix: 'k' }] });
      await until((await now()) + tick);
      await hitTimes(store, 3);
      await does(store, 'ada', { counters: [refund(numbers[0]), refund(numbers[2]), settle(numbers[2])] });
      assert.equal(await countOf(store), 3);
    },
  ],
  [
    'keeps the window of a counter that was settled',
    async ({ store }) => {
      const hit = { key: 'k', limit: 9, windowMs: 60_000 };
      const first = await does(store, 'ada', { hits: [hit] });
      await does(store, 'ada', { counters: [settle(first.counts[0]?.total)] });
      const { counts, now } = await does(store, 'ada', { hits: [hit] });
      if (now < first.now + 60_000) assert.equal(counts[0]?.resetAt, first.now + 60_000);
    },
  ],
  [
    'has no end again when a settled counter without a window is used again',
    async ({ store }) => {
      const numbers = await hitTimes(store, 1);
      await does(store, 'ada', { counters: [settle(numbers[0])] });
      const { counts } = await does(store, 'ada', { hits: [{ key: 'k', limit: 9 }] });
      assert.equal(counts[0]?.resetAt, undefined);
    },
  ],
];
