import assert from 'node:assert/strict';
import type { LogQuery, LogRow, Store } from '../../core/store.js';
import { type Case, does, put, refuses } from './bench.js';

const row = (id: string, at: number, more: Partial<LogRow> = {}): LogRow => ({
  id,
  at,
  type: 't',
  data: null,
  ...more,
});

async function ids(store: Store, query: LogQuery): Promise<readonly string[]> {
  return (await store.scan(query)).rows.map(({ id }) => id);
}

/** Follows `next` to the end; the ids page by page. `between` runs after each page. */
async function pages(store: Store, query: LogQuery, between?: (page: number) => Promise<void>) {
  const seen: (readonly string[])[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await store.scan({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(page.rows.map(({ id }) => id));
    if (page.next === undefined) return seen;
    assert.ok(seen.length < 100, 'the pages never end');
    cursor = page.next;
    await between?.(seen.length);
  }
}

const MIXED: readonly LogRow[] = [
  row('a', 10, { type: 'in', owner: 'ada' }),
  row('b', 20, { type: 'out', owner: 'ada', epoch: 1 }),
  row('c', 30, { type: 'in', owner: 'bob' }),
  row('d', 40, { type: 'failed', owner: 'bob', epoch: 7 }),
  row('e', 50, { type: 'in' }),
];

const FILTERS: readonly (readonly [name: string, query: LogQuery, found: readonly string[]])[] = [
  ['all of them', {}, ['a', 'b', 'c', 'd', 'e']],
  ['an owner', { owner: 'ada' }, ['a', 'b']],
  ['an owner nobody is', { owner: 'eve' }, []],
  ['one type', { types: ['in'] }, ['a', 'c', 'e']],
  ['several types, one named twice', { types: ['failed', 'in', 'in', 'none'] }, ['a', 'c', 'd', 'e']],
  ['no type at all', { types: [] }, []],
  ['a time from, inclusive', { from: 30 }, ['c', 'd', 'e']],
  ['a time to, exclusive', { to: 30 }, ['a', 'b']],
  ['a span of time', { from: 20, to: 50 }, ['b', 'c', 'd']],
  ['rows with an epoch', { bumps: true }, ['b', 'd']],
  ['`bumps: false`, which is no filter', { bumps: false }, ['a', 'b', 'c', 'd', 'e']],
  ['owner and type', { owner: 'bob', types: ['in'] }, ['c']],
  ['owner and types', { owner: 'bob', types: ['in', 'failed', 'out'] }, ['c', 'd']],
  ['owner, epoch and time', { owner: 'bob', bumps: true, from: 40, to: 41 }, ['d']],
  ['type, epoch and time', { types: ['out', 'failed'], bumps: true, to: 40 }, ['b']],
];

export const log: readonly Case[] = [
  [
    'X03 has the rows of a commit exactly if the commit happened',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('a')], log: [row('1', 1), row('2', 2)] });
      await refuses(store, 'ada', {
        writes: [put('a', { if: 'absent' })],
        log: [row('3', 3)],
        reason: 'condition',
        index: 0,
      });
      await refuses(store, 'ada', { hits: [{ key: 'k', limit: 0 }], log: [row('4', 4)], reason: 'limit', index: 0 });
      assert.deepEqual(await ids(store, { order: 'asc' }), ['1', '2']);
    },
  ],
  [
    'gives a row back as it was appended',
    async ({ store }) => {
      const full = row('full', 1_800_000_000_123, {
        type: 'sign_in.completed',
        owner: 'ada',
        epoch: 3,
        data: { ip: '::1', n: [1] },
      });
      const bare = row('bare', 5);
      await store.append([full, bare]);
      assert.deepEqual((await store.scan({})).rows, [full, bare]);
    },
  ],
  [
    'changes nothing when a row is appended again, also inside a commit',
    async ({ store }) => {
      await store.append([row('1', 1, { data: 'first' })]);
      await store.append([row('1', 2, { data: 'second' }), row('2', 2), row('2', 3)]);
      await does(store, 'ada', { writes: [put('a')], log: [row('1', 3, { data: 'third' })] });
      const { rows } = await store.scan({ order: 'asc' });
      assert.deepEqual(
        rows.map(({ id, at, data }) => [id, at, data]),
        [
          ['1', 1, 'first'],
          ['2', 2, null],
        ],
      );
    },
  ],
  [
    'appends nothing when there is nothing to append',
    async ({ store }) => {
      await store.append([]);
      assert.deepEqual(await store.scan({}), { rows: [] });
    },
  ],
  [
    'shows the newest first unless asked otherwise, whatever order they came in',
    async ({ store }) => {
      await store.append([row('c', 3), row('a', 1)]);
      await store.append([row('b', 2)]);
      assert.deepEqual(await ids(store, {}), ['c', 'b', 'a']);
      assert.deepEqual(await ids(store, { order: 'desc' }), ['c', 'b', 'a']);
      assert.deepEqual(await ids(store, { order: 'asc' }), ['a', 'b', 'c']);
    },
  ],
  ...FILTERS.map(
    ([name, query, found]): Case => [
      `finds log rows by ${name}`,
      async ({ store }) => {
        await store.append(MIXED);
        assert.deepEqual(await ids(store, { ...query, order: 'asc' }), found);
        assert.deepEqual(await ids(store, query), found.toReversed());
        assert.deepEqual((await pages(store, { ...query, limit: 1 })).flat(), found.toReversed());
      },
    ],
  ),
  [
    'pages through rows of the same millisecond, each row once',
    async ({ store }) => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      await store.append(names.map((id, index) => row(id, index < 5 ? 7 : 8, { type: index % 2 ? 'odd' : 'even' })));
      assert.deepEqual(await pages(store, { order: 'asc', limit: 3 }), [['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
      assert.deepEqual(await pages(store, { limit: 3 }), [['g', 'f', 'e'], ['d', 'c', 'b'], ['a']]);
      const both = { types: ['odd', 'even'], limit: 2 };
      assert.deepEqual(await pages(store, both), [['g', 'f'], ['e', 'd'], ['c', 'b'], ['a']]);
    },
  ],
  [
    'ends with the last full page: no `next` to an empty one',
    async ({ store }) => {
      await store.append([row('a', 1), row('b', 2)]);
      assert.deepEqual(await pages(store, { limit: 2 }), [['b', 'a']]);
    },
  ],
  [
    'keeps its place, newest first, while newer rows come in',
    async ({ store }) => {
      await store.append([1, 2, 3, 4].map((at) => row(`r${at}`, at)));
      const seen = await pages(store, { limit: 2 }, (page) => store.append([row(`new${page}`, 100 + page)]));
      assert.deepEqual(seen, [
        ['r4', 'r3'],
        ['r2', 'r1'],
      ]);
    },
  ],
  [
    'keeps its place, oldest first, and comes to the rows that came in meanwhile',
    async ({ store }) => {
      await store.append([1, 2, 3, 4].map((at) => row(`r${at}`, at)));
      const between = async (page: number) => {
        if (page === 1) await store.append([row('before', 0), row('after', 100)]);
      };
      assert.deepEqual(await pages(store, { order: 'asc', limit: 2 }, between), [
        ['r1', 'r2'],
        ['r3', 'r4'],
        ['after'],
      ]);
    },
  ],
  [
    'keeps its place when rows before it are swept away',
    async ({ store }) => {
      await store.append([1, 2, 3, 4].map((at) => row(`r${at}`, at)));
      const seen = await pages(store, { order: 'asc', limit: 2 }, async () => {
        await store.sweep({ logBefore: 3 });
      });
      assert.deepEqual(seen, [
        ['r1', 'r2'],
        ['r3', 'r4'],
      ]);
    },
  ],
  [
    'gives 50 rows a page unless asked, and between 1 and 500 whatever is asked',
    async ({ store }) => {
      await store.append(Array.from({ length: 501 }, (_, index) => row(`r${index}`, index)));
      const sizes: number[] = [];
      for (const query of [{}, { limit: 0 }, { limit: -5 }, { limit: 500 }, { limit: 10_000 }]) {
        sizes.push((await store.scan(query)).rows.length);
      }
      assert.deepEqual(sizes, [50, 1, 1, 500, 500]);
    },
  ],
  [
    'throws for a cursor that it never gave',
    async ({ store }) => {
      for (const cursor of ['', 'x', 'bnVsbA', "' OR 1=1 --", Buffer.from('["1",2]').toString('base64url')]) {
        await assert.rejects(store.scan({ cursor }), `accepted the cursor ${cursor}`);
      }
    },
  ],
];
