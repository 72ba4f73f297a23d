import assert from 'node:assert/strict';
import { type Case, does, HOUR, one, put, refuses } from './bench.js';

const raise = (to: number, id = 'a') => ({ do: 'raise', kind: 'thing', id, to }) as const;
const bump = { do: 'bump', kind: 'thing', id: 'a' } as const;
const first = { reason: 'condition', index: 0 } as const;

export const marks: readonly Case[] = [
  [
    'G08 raises a mark once: the same step, or an older one, is refused ever after',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a')] });
      await does(store, 'ada', { writes: [raise(57_000_000)] });
      for (const to of [57_000_000, 56_999_999, 0, -1]) await refuses(store, 'ada', { writes: [raise(to)], ...first });
      await does(store, 'ada', { writes: [raise(57_000_001)] });
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.mark, 57_000_001);
    },
  ],
  [
    'refuses to raise to 0 a mark that was never set',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a')] });
      await refuses(store, 'ada', { writes: [raise(0)], ...first });
    },
  ],
  [
    'refuses to raise what is not there',
    async ({ store }) => {
      await refuses(store, 'ada', { writes: [raise(1)], ...first });
      assert.equal(await one(store, 'ada', 'thing', 'a'), undefined);
    },
  ],
  [
    'keeps marks exact up to the largest whole number',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a'), raise(Number.MAX_SAFE_INTEGER - 1)] });
      await refuses(store, 'ada', { writes: [raise(Number.MAX_SAFE_INTEGER - 1)], ...first });
      await does(store, 'ada', { writes: [raise(Number.MAX_SAFE_INTEGER)] });
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.mark, Number.MAX_SAFE_INTEGER);
    },
  ],
  [
    'makes the record where there is none to bump: mark 1, version 1, data null, no end',
    async ({ store }) => {
      const { now } = await does(store, 'ada', { writes: [bump] });
      assert.deepEqual(await one(store, 'ada', 'thing', 'a'), {
        kind: 'thing',
        id: 'a',
        data: null,
        version: 1,
        mark: 1,
        createdAt: now,
      });
    },
  ],
  [
    'bumps a mark by 1, also twice in one commit',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a'), raise(5)] });
      await does(store, 'ada', { writes: [bump, bump] });
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.mark, 7);
    },
  ],
  [
    'leaves data, version and end alone when a mark moves',
    async ({ store }) => {
      await does(store, 'ada', {
        writes: [put('a', { data: { x: [1] }, ttlMs: HOUR }), put('a', { data: 2, ttlMs: HOUR })],
      });
      const before = await one(store, 'ada', 'thing', 'a');
      await does(store, 'ada', { writes: [raise(4), bump] });
      assert.deepEqual(await one(store, 'ada', 'thing', 'a'), { ...before, mark: 5 });
    },
  ],
  [
    'leaves the mark alone when data are put',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a'), raise(4)] });
      await does(store, 'ada', { writes: [put('a', { data: 'new' })] });
      const record = await one(store, 'ada', 'thing', 'a');
      assert.deepEqual([record?.data, record?.mark, record?.version], ['new', 4, 2]);
    },
  ],
];
