import assert from 'node:assert/strict';
import type { Store } from '../../core/store.js';
import { type Case, does, put } from './bench.js';

// Two different owners each, which a store that joins, escapes, folds or cuts names carelessly takes for one.
export const PAIRS: readonly (readonly [name: string, a: string, b: string])[] = [
  ['colons', 'user:1', 'user'],
  ['colons at the seam', 'a:b', 'a:'],
  ['braces, which are hash tags in Redis', '{a}b', '{a}c'],
  ['empty braces', '{}', '{}{}'],
  ['stars', '*', 'a'],
  ['percent signs', '%', 'a'],
  ['underscores', 'user_1', 'userX1'],
  ['backslashes', 'a\\', 'a\\\\'],
  ['backslashes that look like an escape', '\\0000', '\0'],
  ['quotes and SQL', "x' OR '1'='1", "x'; DROP TABLE mfa_records; --"],
  ['upper and lower case', 'Ada', 'ada'],
  ['space at the end', 'ada ', 'ada'],
  ['line ends', 'ada\n', 'ada\r\n'],
  ['letters that look the same', 'аda', 'ada'],
  ['two ways to write é', 'caf\u00e9', 'cafe\u0301'],
  ['signs beyond 16 bits', '👩‍🚀', '👩'],
  ['nothing at all', '', ' '],
  ['names of what every object has', '__proto__', 'constructor'],
  ['NUL', 'a\0b', 'a'],
  ['lone surrogates', 'a\ud800', 'a\ud801'],
  ['501 letters', `${'x'.repeat(500)}a`, `${'x'.repeat(500)}b`],
];

async function keepsApart(store: Store, a: string, b: string): Promise<void> {
  for (const owner of [a, b]) {
    await does(store, owner, {
      hits: [{ key: 'k', limit: 1 }],
      writes: [put('same', { data: `of ${owner.length}`, if: 'absent' })],
      log: [{ id: `row of ${JSON.stringify(owner)}`, at: 1, type: 't', owner, data: null }],
    });
  }
  const found = await store.scan({ owner: a });
  assert.deepEqual(
    found.rows.map(({ owner }) => owner),
    [a],
  );
  await store.forget(a);
  assert.deepEqual(await store.read(a, [{ kind: 'thing' }]), [[]]);
  const [left] = await store.read(b, [{ kind: 'thing' }]);
  assert.deepEqual(
    left?.map(({ data }) => data),
    [`of ${b.length}`],
  );
  assert.equal((await store.commit(b, { hits: [{ key: 'k', limit: 1 }] })).ok, false);
  assert.equal((await store.scan({})).rows.length, 1);
}

export const owners: readonly Case[] = [
  ...PAIRS.map(([name, a, b]): Case => [`G10 keeps owners apart: ${name}`, ({ store }) => keepsApart(store, a, b)]),
  [
    'takes kinds, ids, keys and types with the same care',
    async ({ store }) => {
      const names = [
        'a:b',
        '{a}',
        '*',
        '%',
        "'",
        'é',
        '👩‍🚀',
        '__proto__',
        'a b',
        'a\0b',
        'a\ud800',
        'a\\0000',
        'x'.repeat(200),
      ];
      for (const name of names) {
        await does(store, 'ada', {
          hits: [{ key: name, limit: 1 }],
          writes: [put(name, { kind: name, if: 'absent' })],
          log: [{ id: name, at: 1, type: name, data: null }],
        });
      }
      for (const name of names) {
        const [records] = await store.read('ada', [{ kind: name }]);
        assert.deepEqual(
          records?.map(({ kind, id }) => [kind, id]),
          [[name, name]],
        );
        const { rows } = await store.scan({ types: [name] });
        assert.deepEqual(
          rows.map(({ id, type }) => [id, type]),
          [[name, name]],
        );
        await does(store, 'ada', { counters: [{ do: 'clear', prefix: name }] });
        await does(store, 'ada', { hits: [{ key: name, limit: 1 }] });
      }
    },
  ],
];
