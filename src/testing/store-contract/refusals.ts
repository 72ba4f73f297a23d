/** What no store takes, and what every store takes: `checkStep` and its neighbours are the rule as functions. */
import assert from 'node:assert/strict';
import { MfaError } from '../../core/errors.js';
import type { Commit, Store } from '../../core/store.js';
import { LONGEST_NAME } from '../../core/stored-name.js';
import { type Case, does, HOUR, one, put } from './bench.js';

const { NaN: NOT, POSITIVE_INFINITY: ENDLESS } = Number;
const raise = (to: number): Commit => ({ writes: [{ do: 'raise', kind: 'thing', id: 'a', to }] });
const hit = (more: object): Commit => ({ hits: [{ key: 'k', limit: 9, ...more }] });
const row = (more: object): Commit => ({ log: [{ id: 'row', at: 1, type: 't', data: null, ...more }] });
const check = (condition: { version: number } | { mark: number }): Commit => ({
  writes: [{ do: 'check', kind: 'thing', id: 'a', if: condition }],
});

/** Each is a mistake of whoever wrote it. */
const NUMBERS: readonly (readonly [name: string, step: Commit])[] = [
  ['a limit that is no number', hit({ limit: NOT })],
  ['a limit below 0', hit({ limit: -1 })],
  ['no limit at all', hit({ limit: undefined })],
  ['a limit that is a text', hit({ limit: '9' })],
  ['a window that is no number', hit({ windowMs: NOT })],
  ['a window below 0', hit({ windowMs: -1 })],
  ['a window without an end', hit({ windowMs: ENDLESS })],
  ['a pause that is no number', hit({ waits: { 1: NOT } })],
  ['a pause below 0', hit({ waits: { 1: -1 } })],
  ['a pause without an end', hit({ waits: { 1: ENDLESS } })],
  ['a time to live that is no number', { writes: [put('new', { ttlMs: NOT })] }],
  ['a time to live below 0', { writes: [put('new', { ttlMs: -1 })] }],
  ['a time to live without an end', { writes: [put('new', { ttlMs: ENDLESS })] }],
  ['an `atMost` that is no number', { writes: [put('new', { atMost: NOT })] }],
  ['an `atMost` below 0', { writes: [put('new', { atMost: -1 })] }],
  ['a mark that is no number', raise(NOT)],
  ['a mark between two numbers', raise(1.5)],
  ['a mark without an end', raise(ENDLESS)],
  ['a condition on a version that is no number', check({ version: NOT })],
  ['a condition on a mark between two numbers', check({ mark: 0.5 })],
  ['settling up to what is no number', { counters: [{ do: 'settle', key: 'k', upTo: NOT }] }],
  ['a refund of what is no number', { counters: [{ do: 'refund', key: 'k', hit: NOT }] }],
  ['a row at no time', row({ at: NOT })],
  ['a row of an epoch between two numbers', row({ epoch: 1.5 })],
];

/** As long as they may be, made of what takes most room. */
const LONGEST = [
  'x'.repeat(LONGEST_NAME),
  '漢'.repeat(Math.floor(LONGEST_NAME / 3)),
  '\0'.repeat(LONGEST_NAME / 5),
  '\ud800'.repeat(LONGEST_NAME / 5),
];
const TOO_LONG = LONGEST.map((name) => name + name.slice(0, 3));

const everywhere = (name: string): Commit => ({
  writes: [put(name, { kind: name, ttlMs: HOUR })],
  hits: [{ key: name, limit: 1 }],
  log: [{ id: name, at: 1, type: name, owner: name, data: null }],
});

/** One place each. */
const places = (name: string): readonly ((store: Store) => Promise<unknown>)[] => {
  const steps: readonly Commit[] = [
    { writes: [put('new'), put(name)] },
    { writes: [put('new'), put('a', { kind: name })] },
    { writes: [put('new')], hits: [{ key: name, limit: 1 }] },
    { writes: [put('new')], counters: [{ do: 'clear', prefix: name }] },
    { writes: [put('new')], counters: [{ do: 'refund', key: name, hit: 1 }] },
    { writes: [put('new')], reads: [{ kind: 'thing', id: name }] },
    { writes: [put('new')], log: [{ id: name, at: 1, type: 't', data: null }] },
    { writes: [put('new')], log: [{ id: 'row', at: 1, type: name, data: null }] },
    { writes: [put('new')], log: [{ id: 'row', at: 1, type: 't', owner: name, data: null }] },
  ];
  return [
    ...steps.map((step) => (store: Store) => store.commit('ada', step)),
    (store) => store.commit(name, {}),
    (store) => store.read(name, [{ kind: 'thing' }]),
    (store) => store.read('ada', [{ kind: name }]),
    (store) => store.append([{ id: name, at: 1, type: 't', data: null }]),
    (store) => store.scan({ owner: name }),
    (store) => store.scan({ types: [name] }),
    (store) => store.owners({ kind: name }),
    (store) => store.forget(name),
  ];
};

export const refusals: readonly Case[] = [
  ...NUMBERS.map(
    ([name, step]): Case => [
      `refuses ${name} with a TypeError, and does nothing`,
      async ({ store }) => {
        await does(store, 'ada', { writes: [put('a')], hits: [{ key: 'k', limit: 9 }] });
        await assert.rejects(store.commit('ada', { ...step, writes: [put('b'), ...(step.writes ?? [])] }), TypeError);
        assert.equal(await one(store, 'ada', 'thing', 'b'), undefined);
        const { counts } = await does(store, 'ada', { hits: [{ key: 'k', limit: 9 }] });
        assert.equal(counts[0]?.count, 2);
        assert.deepEqual((await store.scan({})).rows, []);
      },
    ],
  ),
  [
    'takes Infinity for no limit',
    async ({ store }) => {
      await does(store, 'ada', {
        hits: [{ key: 'k', limit: ENDLESS }],
        writes: [put('a', { atMost: ENDLESS })],
      });
      await does(store, 'ada', { counters: [{ do: 'settle', key: 'k', upTo: ENDLESS }] });
      assert.equal((await does(store, 'ada', { hits: [{ key: 'k', limit: 1 }] })).counts[0]?.count, 1);
    },
  ],
  [
    `takes names of ${LONGEST_NAME} bytes, of any letters, in every place at once`,
    async ({ store }) => {
      for (const name of LONGEST) {
        await does(store, name, everywhere(name));
        assert.equal((await one(store, name, name, name))?.id, name);
        assert.equal((await store.commit(name, { hits: [{ key: name, limit: 1 }] })).ok, false);
        await does(store, name, { counters: [{ do: 'clear', prefix: name }] });
        const { rows } = await store.scan({ owner: name, types: [name] });
        assert.deepEqual(
          rows.map(({ id }) => id),
          [name],
        );
        await store.forget(name);
      }
    },
  ],
  [
    'refuses longer names as a bad request, wherever they stand, and does nothing',
    async ({ store }) => {
      for (const name of TOO_LONG) {
        for (const call of places(name)) {
          await assert.rejects(call(store), (error) => error instanceof MfaError && error.code === 'bad_request');
        }
      }
      assert.equal(await one(store, 'ada', 'thing', 'new'), undefined);
      assert.deepEqual((await store.scan({})).rows, []);
    },
  ],
  [
    'refuses a search by what is no number as a bad request',
    async ({ store }) => {
      for (const query of [{ from: NOT }, { to: NOT }, { limit: NOT }, { from: '1' as unknown as number }]) {
        await assert.rejects(store.scan(query), (error) => error instanceof MfaError && error.code === 'bad_request');
      }
    },
  ],
];
