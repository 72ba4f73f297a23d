import assert from 'node:assert/strict';
import type { OwnerPage, OwnerQuery, Store } from '../../core/store.js';
import { type Case, does, put } from './bench.js';
import { PAIRS } from './owners.js';

// A walk that never ends is a failure, not a test that hangs.
const MOST_PAGES = 2000;

/** Every owner that the pages name, each once; `between` runs after each page. */
async function walked(
  store: Store,
  query: OwnerQuery,
  between: (page: OwnerPage) => Promise<unknown> = async () => undefined,
): Promise<readonly string[]> {
  const found = new Set<string>();
  let cursor: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await store.owners({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    for (const owner of page.owners) found.add(owner);
    await between(page);
    cursor = page.next;
    if (cursor === undefined) return [...found].sort();
    assert.ok(pages < MOST_PAGES, 'the walk does not end');
  }
}

async function settle(store: Store, owners: readonly string[], kind = 'thing'): Promise<void> {
  for (const owner of owners) await does(store, owner, { writes: [put('1', { kind })] });
}

const named = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${String(index).padStart(3, '0')}`);

export const walking: readonly Case[] = [
  [
    'walks over the owners of a kind: all of them, and nobody else',
    async ({ store }) => {
      assert.deepEqual(await walked(store, { kind: 'thing' }), []);
      await settle(store, ['ada', 'bob', 'eve', 'gone']);
      await settle(store, ['ada', 'other'], 'else');
      await does(store, 'counts', { hits: [{ key: 'k', limit: 1 }] });
      await store.append([{ id: 'row', at: 1, type: 't', owner: 'logs', data: null }]);
      await store.forget('gone');
      await does(store, 'eve', { writes: [{ do: 'delete', kind: 'thing' }] });
      assert.deepEqual(await walked(store, { kind: 'thing' }), ['ada', 'bob']);
      assert.deepEqual(await walked(store, { kind: 'else' }), ['ada', 'other']);
    },
  ],
  [
    'walks over those whose records expire too, while they are alive',
    async ({ store }) => {
      await does(store, 'ada', { writes: [put('1', { ttlMs: 3_600_000 })] });
      await does(store, 'bob', { writes: [put('1'), put('2', { ttlMs: 3_600_000 })] });
      assert.deepEqual(await walked(store, { kind: 'thing' }), ['ada', 'bob']);
    },
  ],
  [
    'walks in pages, and goes on where another handle stopped',
    async ({ store, together }) => {
      const owners = named('o', 60);
      await settle(store, owners);
      assert.deepEqual(await walked(store, { kind: 'thing', limit: 7 }), owners);
      const first = await store.owners({ kind: 'thing', limit: 7 });
      const found = await together(3, async (handle) => {
        const rest =
          first.next === undefined ? [] : await walked(handle, { kind: 'thing', limit: 50, cursor: first.next });
        return [...new Set([...first.owners, ...rest])].sort();
      });
      for (const each of found) assert.deepEqual(each, owners);
    },
  ],
  [
    'passes nobody over who is there all the time, whoever comes and goes',
    async ({ store }) => {
      const stay = named('s', 40);
      const leave = named('l', 40);
      await settle(store, stay);
      await settle(store, leave);
      let pages = 0;
      const found = await walked(store, { kind: 'thing', limit: 5 }, async () => {
        const [from, to] = [pages * 5, pages * 5 + 5];
        pages += 1;
        for (const owner of leave.slice(from, to)) await store.forget(owner);
        if (pages < 20) await settle(store, named(`a${pages}-`, 3));
        for (const owner of stay.slice(from, to)) await does(store, owner, { writes: [put('1', { data: pages })] });
      });
      assert.deepEqual(
        stay.filter((owner) => !found.includes(owner)),
        [],
      );
    },
  ],
  [
    'names owners as they were given, and takes kinds with the same care',
    async ({ store }) => {
      const wanted = [...new Set(PAIRS.flatMap(([, a, b]) => [a, b]))];
      await settle(store, wanted, 'probe');
      assert.deepEqual(await walked(store, { kind: 'probe', limit: 3 }), wanted.toSorted());
      const kinds = ['*', '[a]', 'a:b', '}:r:x', '{o:x}:r:y', 'x', 'é', "'"];
      for (const kind of kinds) await settle(store, [`of ${kind}`], kind);
      for (const kind of kinds) assert.deepEqual(await walked(store, { kind }), [`of ${kind}`]);
    },
  ],
  [
    'refuses a cursor that is none, instead of beginning anew',
    async ({ store }) => {
      await settle(store, ['ada']);
      for (const cursor of ['', 'x', 'WzFd', Buffer.from('[{}]').toString('base64url'), 'null']) {
        await assert.rejects(store.owners({ kind: 'thing', cursor }), cursor);
      }
    },
  ],
];
