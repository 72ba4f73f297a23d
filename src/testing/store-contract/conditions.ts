import assert from 'node:assert/strict';
import type { Condition } from '../../core/store.js';
import { type Case, does, HOUR, idsOf, one, put, refuses } from './bench.js';

const check = (condition: Condition, id = 'a') => ({ do: 'check', kind: 'thing', id, if: condition }) as const;
const condition = (index: number) => ({ reason: 'condition', index }) as const;

export const conditions: readonly Case[] = [
  [
    '`absent` holds for what is not there, and only for that',
    async ({ store }) => {
      await does(store, 'ada', { writes: [check('absent')] });
      await does(store, 'ada', { writes: [put('a')] });
      await refuses(store, 'ada', { writes: [check('absent')], ...condition(0) });
    },
  ],
  [
    '`present` holds for what is there, and only for that',
    async ({ store }) => {
      await refuses(store, 'ada', { writes: [check('present')], ...condition(0) });
      await does(store, 'ada', { writes: [put('a')] });
      await does(store, 'ada', { writes: [check('present')] });
    },
  ],
  [
    'a version holds for exactly that version, and never for what is not there',
    async ({ store }) => {
      for (const version of [0, 1]) await refuses(store, 'ada', { writes: [check({ version })], ...condition(0) });
      await does(store, 'ada', { writes: [put('a'), put('a')] });
      for (const version of [1, 3]) await refuses(store, 'ada', { writes: [check({ version })], ...condition(0) });
      await does(store, 'ada', { writes: [check({ version: 2 })] });
    },
  ],
  [
    'a mark holds for exactly that mark, and what is not there counts as 0',
    async ({ store }) => {
      await does(store, 'ada', { writes: [check({ mark: 0 })] });
      await refuses(store, 'ada', { writes: [check({ mark: 1 })], ...condition(0) });
      await does(store, 'ada', {
        writes: [put('a'), check({ mark: 0 }), { do: 'raise', kind: 'thing', id: 'a', to: 5 }],
      });
      for (const mark of [0, 4, 6]) await refuses(store, 'ada', { writes: [check({ mark })], ...condition(0) });
      await does(store, 'ada', { writes: [check({ mark: 5 })] });
    },
  ],
  [
    'a check changes nothing',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a', { data: 1, ttlMs: HOUR })] });
      const before = await one(store, 'ada', 'thing', 'a');
      await does(store, 'ada', { writes: [check('present'), check('absent', 'b')] });
      assert.deepEqual(await one(store, 'ada', 'thing', 'a'), before);
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['a']);
    },
  ],
  [
    'a put with a condition writes only where it holds',
    async ({ store }) => {
      await refuses(store, 'ada', { writes: [put('a', { if: 'present' })], ...condition(0) });
      await does(store, 'ada', { writes: [put('a', { data: 'first', if: 'absent' })] });
      await refuses(store, 'ada', { writes: [put('a', { data: 'second', if: 'absent' })], ...condition(0) });
      await refuses(store, 'ada', { writes: [put('a', { data: 'second', if: { version: 2 } })], ...condition(0) });
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.data, 'first');
      await does(store, 'ada', { writes: [put('a', { data: 'second', if: { version: 1 } })] });
      await does(store, 'ada', { writes: [put('a', { data: 'third', if: { mark: 0 } })] });
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.data, 'third');
    },
  ],
  [
    'a delete with a condition deletes only where it holds',
    async ({ store }) => {
      const gone = (when: Condition) => ({ do: 'delete', kind: 'thing', id: 'a', if: when }) as const;
      await refuses(store, 'ada', { writes: [gone('present')], ...condition(0) });
      await does(store, 'ada', { writes: [put('a'), put('a')] });
      await refuses(store, 'ada', { writes: [gone({ version: 1 })], ...condition(0) });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['a']);
      await does(store, 'ada', { writes: [gone({ version: 2 })] });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), []);
    },
  ],
  [
    'a delete of a kind can ask for at least one record, or for none; not for a version or mark',
    async ({ store }) => {
      const gone = (when: Condition) => ({ do: 'delete', kind: 'thing', if: when }) as const;
      await refuses(store, 'ada', { writes: [gone('present')], ...condition(0) });
      await does(store, 'ada', { writes: [gone('absent'), put('a'), put('b')] });
      await refuses(store, 'ada', { writes: [gone('absent')], ...condition(0) });
      await assert.rejects(store.commit('ada', { writes: [gone({ version: 1 })] }));
      await assert.rejects(store.commit('ada', { writes: [gone({ mark: 0 })] }));
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['a', 'b']);
      await does(store, 'ada', { writes: [gone('present')] });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), []);
    },
  ],
  [
    'names the first write that did not hold, and does none of the others',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('old', { data: 1 }), put('gone')] });
      const before = await store.read('ada', [{ kind: 'thing' }, { kind: 'epoch' }]);
      await refuses(store, 'ada', {
        writes: [
          put('new'),
          put('old', { data: 2 }),
          { do: 'bump', kind: 'epoch', id: 'e' },
          { do: 'raise', kind: 'thing', id: 'old', to: 9 },
          { do: 'delete', kind: 'thing', id: 'gone' },
          check('present', 'nothing'),
          check('present', 'nothing either'),
        ],
        log: [{ id: 'row', at: 1, type: 't', data: null }],
        ...condition(5),
      });
      assert.deepEqual(await store.read('ada', [{ kind: 'thing' }, { kind: 'epoch' }]), before);
      assert.deepEqual((await store.scan({})).rows, []);
    },
  ],
  [
    '`atMost` refuses the record that would be one too many',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a', { atMost: 2 }), put('b', { atMost: 2 })] });
      await refuses(store, 'ada', { writes: [put('c', { atMost: 2 })], ...condition(0) });
      await refuses(store, 'bob', { writes: [put('a', { atMost: 0 })], ...condition(0) });
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), ['a', 'b']);
    },
  ],
  [
    '`atMost` lets a record be replaced, and counts neither other kinds nor other owners',
    async ({ store }) => {
      await does(store, 'bob', { writes: [put('x'), put('y')] });
      await does(store, 'ada', { writes: [put('x', { kind: 'else' }), put('y', { kind: 'else' })] });
      await does(store, 'ada', { writes: [put('a', { atMost: 1 })] });
      await does(store, 'ada', { writes: [put('a', { data: 2, atMost: 1 })] });
      await refuses(store, 'ada', { writes: [put('b', { atMost: 1 })], ...condition(0) });
    },
  ],
  [
    '`atMost` does not count what has expired or was deleted',
    async ({ store, tick, until }) => {
      const { now } = await does(store, 'ada', { writes: [put('a', { ttlMs: tick }), put('b')] });
      await until(now + tick);
      await does(store, 'ada', { writes: [put('c', { atMost: 2 })] });
      await refuses(store, 'ada', { writes: [put('d', { atMost: 2 })], ...condition(0) });
      await does(store, 'ada', { writes: [{ do: 'delete', kind: 'thing', id: 'b' }, put('d', { atMost: 2 })] });
    },
  ],
];
