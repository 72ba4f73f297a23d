import assert from 'node:assert/strict';
import type { Json } from '../../core/store.js';
import { type Case, does, one, put } from './bench.js';

const VALUES: readonly (readonly [name: string, data: Json])[] = [
  ['null', null],
  ['booleans and empty things', [true, false, '', [], {}]],
  ['numbers', [0, -1, 1.5, 1e-7, 1e21, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
  ['numbers that are texts', ['1', '007', '1e3', 'null', 'true']],
  ['any letters', 'Zoë \u0000 \u001f \u007f \u2028 \ufeff 漢字 👩‍🚀 " \' \\ / {x} %s :name ? $1'],
  ['halves of letters', ['\ud83d', '\udc69x']],
  ['deep things', { a: [{ b: [{ c: [[[{ d: null }]]] }] }] }],
  ['the order of keys', { z: 1, a: 2, m: 3 }],
  ['50 kB', { text: 'ü'.repeat(25_000), list: Array.from({ length: 1000 }, (_, index) => index) }],
  ['keys that objects have already', JSON.parse('{"__proto__":{"isAdmin":true},"constructor":1,"toString":2}') as Json],
];

export const json: readonly Case[] = [
  ...VALUES.map(
    ([name, data]): Case => [
      `keeps ${name} as they are, in records and in the log`,
      async ({ store }) => {
        const text = JSON.stringify(data);
        const { records } = await does(store, 'ada', {
          writes: [put('a', { data })],
          reads: [{ kind: 'thing' }],
          log: [{ id: 'row', at: 1, type: 't', data }],
        });
        const kept = [
          records[0]?.[0]?.data,
          (await one(store, 'ada', 'thing', 'a'))?.data,
          (await store.scan({})).rows[0]?.data,
        ];
        for (const value of kept) assert.equal(JSON.stringify(value), text);
        assert.equal('isAdmin' in {}, false);
      },
    ],
  ),
  [
    'lets nobody change what is kept through an object that went in or came out',
    async ({ store }) => {
      const data = { list: [1] };
      const logged = { list: [1] };
      await does(store, 'ada', { writes: [put('a', { data })], log: [{ id: 'row', at: 1, type: 't', data: logged }] });
      data.list.push(2);
      logged.list.push(2);
      const out = [(await one(store, 'ada', 'thing', 'a'))?.data, (await store.scan({})).rows[0]?.data] as {
        list: number[];
      }[];
      for (const { list } of out) list.push(3);
      assert.deepEqual((await one(store, 'ada', 'thing', 'a'))?.data, { list: [1] });
      assert.deepEqual((await store.scan({})).rows[0]?.data, { list: [1] });
    },
  ],
];
