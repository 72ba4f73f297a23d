import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/coverage.md', root), 'utf8');

const rows = [...page.matchAll(/^\| ([SFPDOU]\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$/gm)].map(
  ([, id, wish, state, shown]) => ({ id: String(id), wish, state: String(state), shown: String(shown) }),
);
const HOW_MANY = { S: 11, F: 10, P: 11, D: 9, O: 9, U: 5 };

it('has one row for each wish', () => {
  const wanted = Object.entries(HOW_MANY).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `${group}${index + 1}`),
  );
  expect(rows.map(({ id }) => id)).toEqual(wanted);
});

it('says works, partly or not yet, and names a test for what works', () => {
  expect(rows.filter(({ state }) => !['works', 'partly', 'not yet'].includes(state)).map(({ id }) => id)).toEqual([]);
  const unshown = rows.filter(({ state, shown }) => state === 'works' && !/`test\/[^`]+\.test\.ts`/.test(shown));
  expect(unshown.map(({ id }) => id)).toEqual([]);
});

it('names only tests that exist', () => {
  const named = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => String(file));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
});
