import assert from 'node:assert/strict';
import { type Case, does, HOUR, idsOf, put, refuses } from './bench.js';

const limited = (index: number) => ({ reason: 'limit', index }) as const;

export const counters: readonly Case[] = [
  [
    'G01 admits as many hits as the limit and refuses the next',
    async ({ store }) => {
      for (const count of [1, 2, 3]) {
        const { counts } = await does(store, 'ada', { hits: [{ key: 'k', limit: 3 }] });
        assert.deepEqual([counts[0]?.key, counts[0]?.count], ['k', count]);
      }
      await refuses(store, 'ada', { hits: [{ key: 'k', limit: 3 }], ...limited(0) });
    },
  ],
  [
    'numbers the hits of a key upwards, one by one',
    async ({ store }) => {
      const totals: number[] = [];
      for (let hit = 0; hit < 3; hit++) {
        const { counts } = await does(store, 'ada', { hits: [{ key: 'k', limit: 9 }] });
        totals.push(counts[0]?.total ?? Number.NaN);
      }
      const [start = Number.NaN] = totals;
      assert.deepEqual(totals, [start, start + 1, start + 2]);
      assert.ok(Number.isSafeInteger(start));
    },
  ],
  [
    'moves nothing for a refused hit',
    async ({ store }) => {
      await does(store, 'ada', { hits: [{ key: 'k', limit: 1 }] });
      for (let tries = 0; tries < 5; tries++)
        await refuses(store, 'ada', { hits: [{ key: 'k', limit: 1 }], ...limited(0) });
      const { counts } = await does(store, 'ada', { hits: [{ key: 'k', limit: 2 }] });
      assert.equal(counts[0]?.count, 2);
    },
  ],
  [
    'refuses every hit where the limit is 0',
    async ({ store }) => {
      await refuses(store, 'ada', { hits: [{ key: 'k', limit: 0, windowMs: HOUR }], ...limited(0) });
    },
  ],
  [
    'tells when a window ends, and when a refused hit will be admitted',
    async ({ store }) => {
      const { counts, now } = await does(store, 'ada', { hits: [{ key: 'k', limit: 1, windowMs: HOUR }] });
      assert.equal(counts[0]?.resetAt, now + HOUR);
      const { retryAt } = await refuses(store, 'ada', {
        hits: [{ key: 'k', limit: 1, windowMs: HOUR }],
        ...limited(0),
      });
      assert.equal(retryAt, now + HOUR);
    },
  ],
  [
    'has no end and no time to retry where there is no window',
    async ({ store }) => {
      const { counts } = await does(store, 'ada', { hits: [{ key: 'k', limit: 1 }] });
      assert.equal(counts[0]?.resetAt, undefined);
      const { retryAt } = await refuses(store, 'ada', { hits: [{ key: 'k', limit: 1 }], ...limited(0) });
      assert.equal(retryAt, undefined);
    },
  ],
  [
    'does not extend the window with later hits or refused ones',
    async ({ store, tick, until }) => {
      const hit = { key: 'k', limit: 2, windowMs: 4 * tick };
      const { now } = await does(store, 'ada', { hits: [hit] });
      await until(now + tick);
      const later = await store.commit('ada', { hits: [hit] });
      await store.commit('ada', { hits: [hit] });
      // A slow server may have come to the end of the window in between; then this was a new window's first hit.
      if (later.ok && later.now < now + 4 * tick) assert.equal(later.counts[0]?.resetAt, now + 4 * tick);
      await until(now + 4 * tick);
      assert.equal((await does(store, 'ada', { hits: [{ ...hit, limit: 99 }] })).ok, true);
    },
  ],
  [
    'starts from nothing when the window is over',
    async ({ store, tick, until }) => {
      const hit = { key: 'k', limit: 1, windowMs: tick };
      const first = await does(store, 'ada', { hits: [hit] });
      await until(first.now + tick);
      const { counts, now } = await does(store, 'ada', { hits: [{ ...hit, windowMs: HOUR }] });
      assert.deepEqual([counts[0]?.count, counts[0]?.resetAt], [1, now + HOUR]);
      assert.ok((counts[0]?.total ?? 0) > (first.counts[0]?.total ?? 0));
    },
  ],
  [
    'moves all counters or none',
    async ({ store }) => {
      const hits = [
        { key: 'a', limit: 9 },
        { key: 'b', limit: 1 },
        { key: 'c', limit: 9 },
      ];
      const { counts } = await does(store, 'ada', { hits });
      assert.deepEqual(
        counts.map(({ key, count }) => [key, count]),
        [
          ['a', 1],
          ['b', 1],
          ['c', 1],
        ],
      );
      await refuses(store, 'ada', { hits, ...limited(1) });
      const again = await does(store, 'ada', { hits: hits.map((hit) => ({ ...hit, limit: 9 })) });
      assert.deepEqual(
        again.counts.map(({ count }) => count),
        [2, 2, 2],
      );
    },
  ],
  [
    'counts a key that is hit twice in one commit twice',
    async ({ store }) => {
      const hit = { key: 'k', limit: 3 };
      const { counts } = await does(store, 'ada', { hits: [hit, hit] });
      assert.deepEqual(
        counts.map(({ count }) => count),
        [1, 2],
      );
      await refuses(store, 'ada', { hits: [hit, hit], ...limited(1) });
      assert.equal((await does(store, 'ada', { hits: [hit] })).counts[0]?.count, 3);
    },
  ],
  [
    'moves no counter when a condition fails',
    async ({ store }) => {
      await refuses(store, 'ada', {
        hits: [{ key: 'k', limit: 1 }],
        writes: [{ do: 'check', kind: 'thing', id: 'a', if: 'present' }],
        reason: 'condition',
        index: 0,
      });
      assert.equal((await does(store, 'ada', { hits: [{ key: 'k', limit: 1 }] })).counts[0]?.count, 1);
    },
  ],
  [
    'answers `condition` where both a condition and a limit would refuse',
    async ({ store }) => {
      await does(store, 'ada', { hits: [{ key: 'k', limit: 1 }] });
      await refuses(store, 'ada', {
        hits: [{ key: 'k', limit: 1 }],
        writes: [put('a', { if: 'present' })],
        reason: 'condition',
        index: 0,
      });
    },
  ],
  [
    'does no write, counter or log row when a hit is refused',
    async ({ store }) => {
      const { counts } = await does(store, 'ada', {
        hits: [
          { key: 'full', limit: 1 },
          { key: 'other', limit: 9 },
        ],
        writes: [put('old')],
      });
      await refuses(store, 'ada', {
        hits: [{ key: 'full', limit: 1 }],
        writes: [put('new'), { do: 'delete', kind: 'thing', id: 'old' }, { do: 'bump', kind: 'epoch', id: 'e' }],
        counters: [{ do: 'settle', key: 'other', upTo: counts[1]?.total ?? 0 }],
        log: [{ id: 'row', at: 1, type: 't', data: null }],
        ...limited(0),
      });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['old']);
      assert.deepEqual(await idsOf(store, 'ada', 'epoch'), []);
      assert.deepEqual((await store.scan({})).rows, []);
      assert.equal((await does(store, 'ada', { hits: [{ key: 'other', limit: 9 }] })).counts[0]?.count, 2);
    },
  ],
  [
    'clears the counters whose keys begin with the prefix, letter by letter',
    async ({ store }) => {
      const keys = ['lock:totp', 'lock:sms', 'lock', 'lockx:totp', 'LOCK:totp', 'l%ck:', 'unlock:totp'];
      await does(store, 'ada', { hits: keys.map((key) => ({ key, limit: 9 })) });
      await does(store, 'ada', {
        counters: [
          { do: 'clear', prefix: 'lock:' },
          { do: 'clear', prefix: 'l_ck' },
        ],
      });
      await does(store, 'ada', {
        counters: [
          { do: 'clear', prefix: '%' },
          { do: 'clear', prefix: '*' },
        ],
      });
      const { counts } = await does(store, 'ada', { hits: keys.map((key) => ({ key, limit: 9 })) });
      assert.deepEqual(
        counts.map(({ count }) => count),
        [1, 1, 2, 2, 2, 2, 2],
      );
    },
  ],
  [
    'clears every counter of the owner with the empty prefix, and no record and no other owner',
    async ({ store }) => {
      const hits = [
        { key: 'a', limit: 1 },
        { key: 'b', limit: 1 },
      ];
      for (const owner of ['ada', 'bob']) await does(store, owner, { hits, writes: [put('kept')] });
      await does(store, 'ada', { counters: [{ do: 'clear', prefix: '' }] });
      await does(store, 'ada', { hits });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['kept']);
      await refuses(store, 'bob', { hits, ...limited(0) });
    },
  ],
  [
    'takes hits back before it counts those of the same commit',
    async ({ store }) => {
      await does(store, 'ada', { hits: [{ key: 'k', limit: 1 }] });
      const { counts } = await does(store, 'ada', {
        hits: [{ key: 'k', limit: 1 }],
        counters: [{ do: 'clear', prefix: 'k' }],
      });
      assert.equal(counts[0]?.count, 1);
      await refuses(store, 'ada', { hits: [{ key: 'k', limit: 1 }], ...limited(0) });
    },
  ],
  [
    'keeps counters and records of the same name apart',
    async ({ store }) => {
      await does(store, 'ada', { hits: [{ key: 'a', limit: 1 }], writes: [put('a', { kind: 'counters' }), put('a')] });
      await does(store, 'ada', { counters: [{ do: 'clear', prefix: '' }] });
      assert.deepEqual(await idsOf(store, 'ada', 'counters'), ['a']);
      await does(store, 'ada', { writes: [{ do: 'delete', kind: 'counters' }], hits: [{ key: 'a', limit: 1 }] });
    },
  ],
  [
    'peek: admits and refuses like a hit, and counts nothing',
    async ({ store }) => {
      const hit = { key: 'k', limit: 2 };
      const peek = { ...hit, peek: true } as const;
      const before = await does(store, 'ada', { hits: [peek, peek, peek] });
      assert.deepEqual(
        before.counts.map(({ key, count }) => [key, count]),
        [
          ['k', 0],
          ['k', 0],
          ['k', 0],
        ],
      );
      const first = await does(store, 'ada', { hits: [hit] });
      assert.deepEqual((await does(store, 'ada', { hits: [peek] })).counts, first.counts);
      assert.equal((await does(store, 'ada', { hits: [hit] })).counts[0]?.count, 2);
      await refuses(store, 'ada', { hits: [peek], ...limited(0) });
    },
  ],
  [
    'peek: refused, takes back all of its commit and tells when the next hit is admitted',
    async ({ store }) => {
      const full = { key: 'full', limit: 1, windowMs: HOUR };
      const { now } = await does(store, 'ada', { hits: [full] });
      const { retryAt } = await refuses(store, 'ada', {
        hits: [
          { key: 'other', limit: 9 },
          { ...full, peek: true },
        ],
        writes: [put('a')],
        ...limited(1),
      });
      assert.equal(retryAt, now + HOUR);
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), []);
      assert.equal((await does(store, 'ada', { hits: [{ key: 'other', limit: 9 }] })).counts[0]?.count, 1);
    },
  ],
  [
    'peek: neither starts a window nor is the last hit of a counter',
    async ({ store, tick, until }) => {
      const hit = { key: 'k', limit: 1, windowMs: tick };
      const { now } = await does(store, 'ada', { hits: [{ ...hit, peek: true }] });
      await until(now + tick);
      const { counts, now: later } = await does(store, 'ada', { hits: [{ ...hit, windowMs: HOUR }] });
      assert.deepEqual([counts[0]?.count, counts[0]?.resetAt], [1, later + HOUR]);
    },
  ],
  [
    'peek: sees the hits before it in the same commit',
    async ({ store }) => {
      const hit = { key: 'k', limit: 1 };
      await refuses(store, 'ada', { hits: [hit, { ...hit, peek: true }], ...limited(1) });
      await does(store, 'ada', { hits: [{ ...hit, peek: true }, hit] });
    },
  ],
];
