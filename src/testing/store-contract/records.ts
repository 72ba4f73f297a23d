import assert from 'node:assert/strict';
import type { Json } from '../../core/store.js';
import { type Case, does, idsOf, one, put } from './bench.js';

export const records: readonly Case[] = [
  [
    'answers ping, has a name, and says whether it is volatile',
    async ({ store }) => {
      await store.ping();
      assert.match(store.name, /^[a-z][a-z0-9-]*$/);
      assert.equal(typeof store.volatile, 'boolean');
    },
  ],
  [
    'reads an empty list for what was never put',
    async ({ store }) => {
      assert.deepEqual(await store.read('ada', [{ kind: 'thing', id: 'a' }, { kind: 'thing' }]), [[], []]);
      assert.deepEqual(await store.read('ada', []), []);
    },
  ],
  [
    'does an empty commit and tells the time',
    async ({ store, now }) => {
      const before = await now();
      const { counts, records: read, now: at } = await does(store, 'ada', {});
      assert.deepEqual([counts, read], [[], []]);
      assert.ok(at >= before);
    },
  ],
  [
    'puts a record: version 1, mark 0, made now, no end',
    async ({ store }) => {
      const { now } = await does(store, 'ada', { writes: [put('a', { data: { colour: 'red' } })] });
      assert.deepEqual(await one(store, 'ada', 'thing', 'a'), {
        kind: 'thing',
        id: 'a',
        data: { colour: 'red' },
        version: 1,
        mark: 0,
        createdAt: now,
      });
    },
  ],
  [
    'replaces the data as a whole, counts the version up and keeps when it was made',
    async ({ store, tick, until }) => {
      const first = await does(store, 'ada', { writes: [put('a', { data: { colour: 'red', size: 1 } })] });
      await until(first.now + tick);
      await does(store, 'ada', { writes: [put('a', { data: { size: 2 } })] });
      const record = await one(store, 'ada', 'thing', 'a');
      assert.deepEqual([record?.data, record?.version, record?.createdAt], [{ size: 2 }, 2, first.now]);
    },
  ],
  [
    'lists the records of a kind by when they were made, then by id',
    async ({ store, tick, until }) => {
      const { now } = await does(store, 'ada', { writes: [put('c'), put('b')] });
      await until(now + tick);
      await does(store, 'ada', { writes: [put('a'), put('c'), put('other', { kind: 'else' })] });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['b', 'c', 'a']);
    },
  ],
  [
    'answers one list per ref, in the order of the refs, also where one is asked for twice',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a'), put('b'), put('x', { kind: 'else' })] });
      const refs = [
        { kind: 'else' },
        { kind: 'thing', id: 'b' },
        { kind: 'none' },
        { kind: 'thing' },
        { kind: 'else' },
      ];
      const lists = await store.read('ada', refs);
      assert.deepEqual(
        lists.map((list) => list.map(({ id }) => id)),
        [['x'], ['b'], [], ['a', 'b'], ['x']],
      );
    },
  ],
  [
    'reads in a commit what the same commit wrote',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a')] });
      const { records: read } = await does(store, 'ada', {
        writes: [
          put('b', { data: 2 }),
          { do: 'delete', kind: 'thing', id: 'a' },
          { do: 'bump', kind: 'epoch', id: 'e' },
        ],
        reads: [{ kind: 'thing' }, { kind: 'epoch', id: 'e' }],
      });
      assert.deepEqual(
        read.map((list) => list.map(({ id, data, mark }) => [id, data, mark])),
        [[['b', 2, 0]], [['e', null, 1]]],
      );
    },
  ],
  [
    'keeps two kinds with the same id apart',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a', { data: 1 }), put('a', { kind: 'else', data: 2 })] });
      await does(store, 'ada', { writes: [{ do: 'delete', kind: 'thing', id: 'a' }] });
      assert.equal((await one(store, 'ada', 'else', 'a'))?.data, 2);
    },
  ],
  [
    'keeps kind and id apart wherever one ends and the other begins',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('b:c', { kind: 'a', data: 1 }), put('c', { kind: 'a:b', data: 2 })] });
      assert.equal((await one(store, 'ada', 'a', 'b:c'))?.data, 1);
      assert.equal((await one(store, 'ada', 'a:b', 'c'))?.data, 2);
      assert.deepEqual(await idsOf(store, 'ada', 'a'), ['b:c']);
    },
  ],
  [
    'deletes a record with its mark, and what is not there as well',
    async ({ store }) => {
      const gone = { do: 'delete', kind: 'thing', id: 'a' } as const;
      await does(store, 'ada', { writes: [put('a'), { do: 'raise', kind: 'thing', id: 'a', to: 7 }] });
      await does(store, 'ada', { writes: [gone] });
      await does(store, 'ada', { writes: [gone] });
      await does(store, 'ada', { writes: [put('a')] });
      const record = await one(store, 'ada', 'thing', 'a');
      assert.deepEqual([record?.version, record?.mark], [1, 0]);
    },
  ],
  [
    'deletes all records of a kind, and none of another',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a'), put('b'), put('a', { kind: 'thing2' })] });
      await does(store, 'ada', { writes: [{ do: 'delete', kind: 'thing' }] });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), []);
      assert.deepEqual(await idsOf(store, 'ada', 'thing2'), ['a']);
    },
  ],
  [
    'does the writes in order, each seeing those before it',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('old1'), put('old2')] });
      await does(store, 'ada', {
        writes: [
          { do: 'delete', kind: 'thing' },
          { do: 'check', kind: 'thing', id: 'old1', if: 'absent' },
          put('new', { atMost: 1 }),
          put('new', { if: { version: 1 }, atMost: 1 }),
          { do: 'raise', kind: 'thing', id: 'new', to: 3 },
          { do: 'check', kind: 'thing', id: 'new', if: { mark: 3 } },
        ],
      });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['new']);
      assert.equal((await one(store, 'ada', 'thing', 'new'))?.version, 2);
    },
  ],
  [
    'leaves nothing of a commit that throws',
    async ({ store }) => {
      const circle: Json[] = [];
      circle.push(circle);
      await assert.rejects(
        store.commit('ada', {
          hits: [{ key: 'k', limit: 1 }],
          writes: [put('a'), put('b', { data: circle })],
          log: [{ id: 'row', at: 1, type: 't', data: null }],
        }),
      );
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), []);
      assert.deepEqual((await store.scan({})).rows, []);
      await does(store, 'ada', { hits: [{ key: 'k', limit: 1 }] });
    },
  ],
  [
    'forgets the records, counters and log rows of one owner only',
    async ({ store }) => {
      for (const owner of ['ada', 'bob']) {
        await does(store, owner, {
          hits: [{ key: 'k', limit: 1 }],
          writes: [put('a'), { do: 'bump', kind: 'epoch', id: 'e' }],
          log: [{ id: `row of ${owner}`, at: 1, type: 't', owner, data: null }],
        });
      }
      await store.forget('ada');
      await store.forget('nobody');
      assert.deepEqual(await store.read('ada', [{ kind: 'thing' }, { kind: 'epoch' }]), [[], []]);
      await does(store, 'ada', { hits: [{ key: 'k', limit: 1 }] });
      assert.deepEqual(await idsOf(store, 'bob', 'thing'), ['a']);
      assert.equal((await store.commit('bob', { hits: [{ key: 'k', limit: 1 }] })).ok, false);
      assert.deepEqual(
        (await store.scan({})).rows.map(({ owner }) => owner),
        ['bob'],
      );
    },
  ],
  [
    'forgets the log rows of one owner only, where just they are meant, and not the ones that are named',
    async ({ store }) => {
      for (const owner of ['ada', 'bob']) {
        await does(store, owner, {
          hits: [{ key: 'k', limit: 1 }],
          writes: [{ do: 'bump', kind: 'epoch', id: 'e' }],
          log: ['first', 'kept', 'last'].map((id, at) => ({
            id: `${id} of ${owner}`,
            at,
            type: 't',
            owner,
            data: null,
          })),
        });
      }
      await store.forget('ada', { rowsBut: ['kept of ada', 'no such row'] });
      const rows = async (owner: string) => (await store.scan({ owner, order: 'asc' })).rows.map(({ id }) => id);
      assert.deepEqual(await rows('ada'), ['kept of ada']);
      assert.deepEqual(await rows('bob'), ['first of bob', 'kept of bob', 'last of bob']);
      assert.equal((await store.read('ada', [{ kind: 'epoch' }]))[0]?.[0]?.mark, 1);
      assert.equal((await store.commit('ada', { hits: [{ key: 'k', limit: 1 }] })).ok, false);
      await store.forget('ada', { rowsBut: [] });
      assert.deepEqual(await rows('ada'), []);
    },
  ],
];
