import assert from 'node:assert/strict';
import { type Case, does, HOUR, idsOf, one, put, refuses } from './bench.js';

const first = { reason: 'condition', index: 0 } as const;

export const expiry: readonly Case[] = [
  [
    'says when a record ends, by its own clock',
    async ({ store }) => {
      const { now } = await does(store, 'ada', { writes: [put('a', { ttlMs: HOUR }), put('b')] });
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.expiresAt, now + HOUR);
      assert.equal((await one(store, 'ada', 'thing', 'b'))?.expiresAt, undefined);
    },
  ],
  [
    'shows nothing that has expired, by id, in lists or in the reads of a commit',
    async ({ store, tick, until }) => {
      const { now } = await does(store, 'ada', {
        writes: [put('a', { ttlMs: tick }), put('b', { ttlMs: HOUR }), put('c')],
      });
      await until(now + tick);
      assert.equal(await one(store, 'ada', 'thing', 'a'), undefined);
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['b', 'c']);
      const { records } = await does(store, 'ada', { reads: [{ kind: 'thing' }, { kind: 'thing', id: 'a' }] });
      assert.deepEqual(
        records.map((list) => list.map(({ id }) => id)),
        [['b', 'c'], []],
      );
    },
  ],
  [
    'shows none of a hundred records that expired together',
    async ({ store, tick, until }) => {
      const ids = Array.from({ length: 100 }, (_, index) => `${index}`);
      const { now } = await does(store, 'ada', { writes: ids.map((id) => put(id, { ttlMs: tick })) });
      await until(now + tick);
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), []);
      assert.equal(await one(store, 'ada', 'thing', '99'), undefined);
    },
  ],
  [
    'ends a record at its `expiresAt`, not a millisecond sooner',
    async ({ store, tick, until, isClockOurs }) => {
      const { now } = await does(store, 'ada', { writes: [put('a', { ttlMs: tick })] });
      if (isClockOurs) {
        await until(now + tick - 1);
        assert.notEqual(await one(store, 'ada', 'thing', 'a'), undefined);
      }
      await until(now + tick);
      assert.equal(await one(store, 'ada', 'thing', 'a'), undefined);
    },
  ],
  [
    'takes what has expired for absent in every condition',
    async ({ store, tick, until }) => {
      const { now } = await does(store, 'ada', {
        writes: [put('a', { ttlMs: tick }), { do: 'raise', kind: 'thing', id: 'a', to: 9 }],
      });
      await until(now + tick);
      await refuses(store, 'ada', { writes: [{ do: 'check', kind: 'thing', id: 'a', if: 'present' }], ...first });
      await refuses(store, 'ada', { writes: [{ do: 'check', kind: 'thing', id: 'a', if: { version: 1 } }], ...first });
      await refuses(store, 'ada', { writes: [{ do: 'raise', kind: 'thing', id: 'a', to: 10 }], ...first });
      await refuses(store, 'ada', { writes: [{ do: 'delete', kind: 'thing', if: 'present' }], ...first });
      await does(store, 'ada', { writes: [{ do: 'check', kind: 'thing', id: 'a', if: { mark: 0 } }] });
      await does(store, 'ada', { writes: [put('a', { if: 'absent' })] });
    },
  ],
  [
    'starts anew where an expired record is put again: version, mark and time',
    async ({ store, tick, until }) => {
      const { now } = await does(store, 'ada', {
        writes: [put('a', { ttlMs: tick }), put('a', { ttlMs: tick }), { do: 'bump', kind: 'thing', id: 'a' }],
      });
      await until(now + tick);
      const again = await does(store, 'ada', { writes: [put('a')] });
      const record = await one(store, 'ada', 'thing', 'a');
      assert.deepEqual([record?.version, record?.mark, record?.createdAt], [1, 0, again.now]);
    },
  ],
  [
    'starts anew where an expired record is bumped: no old data, no end',
    async ({ store, tick, until }) => {
      const { now } = await does(store, 'ada', { writes: [put('a', { data: 'old', ttlMs: tick })] });
      await until(now + tick);
      await does(store, 'ada', { writes: [{ do: 'bump', kind: 'thing', id: 'a' }] });
      const record = await one(store, 'ada', 'thing', 'a');
      assert.deepEqual([record?.data, record?.mark, record?.expiresAt], [null, 1, undefined]);
    },
  ],
  [
    'keeps a record for good when it is put again without a time to live',
    async ({ store, tick, until }) => {
      const { now } = await does(store, 'ada', { writes: [put('a', { ttlMs: tick }), put('a')] });
      await until(now + tick);
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.expiresAt, undefined);
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.version, 2);
    },
  ],
  [
    'gives a record a new end when it is put again with a time to live',
    async ({ store, tick, until }) => {
      await does(store, 'ada', { writes: [put('a'), put('b', { ttlMs: HOUR })] });
      const { now } = await does(store, 'ada', { writes: [put('a', { ttlMs: tick }), put('b', { ttlMs: tick })] });
      await until(now + tick);
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), []);
    },
  ],
  [
    'X09 sweeps what has expired, once, and nothing that is alive',
    async ({ store, tick, until }) => {
      const { now } = await does(store, 'ada', {
        writes: [put('a', { ttlMs: tick }), put('b', { ttlMs: HOUR }), put('c')],
        hits: [
          { key: 'short', limit: 1, windowMs: tick },
          { key: 'long', limit: 1, windowMs: HOUR },
          { key: 'endless', limit: 1 },
        ],
        log: [{ id: 'row', at: 1, type: 't', data: null }],
      });
      await until(now + tick);
      const before = await store.read('ada', [{ kind: 'thing' }]);
      await store.sweep();
      assert.deepEqual(await store.sweep(), { removed: 0 });
      assert.deepEqual(await store.read('ada', [{ kind: 'thing' }]), before);
      for (const key of ['long', 'endless']) {
        await refuses(store, 'ada', { hits: [{ key, limit: 1 }], reason: 'limit', index: 0 });
      }
      await does(store, 'ada', { hits: [{ key: 'short', limit: 1 }] });
      assert.equal((await store.scan({})).rows.length, 1);
    },
  ],
  [
    'sweeps log rows older than `logBefore`, and says how many',
    async ({ store }) => {
      await store.append([1, 2, 3, 4].map((at) => ({ id: `row ${at}`, at, type: 't', data: null })));
      assert.deepEqual(await store.sweep({ logBefore: 3 }), { removed: 2 });
      assert.deepEqual(
        (await store.scan({ order: 'asc' })).rows.map(({ at }) => at),
        [3, 4],
      );
    },
  ],
];
