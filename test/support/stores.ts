/** The stores that run inside one process, for cases that must hold on each of them: `describe.each(stores)('on $name', ({ open }) => ...)`. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { memoryStore, type Store } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite.js';

const opened: Store[] = [];
const folder = mkdtempSync(join(tmpdir(), 'express-mfa-'));
let files = 0;

/** Each `open` gives a new, empty store. What was opened is closed, and its files removed, after the last test of the file. */
export const stores: readonly { readonly name: string; open(clock: () => number): Store }[] = [
  { name: 'memory', open: (clock) => kept(memoryStore({ clock })) },
  {
    name: 'sqlite',
    open(clock) {
      files += 1;
      return kept(sqliteStore({ path: join(folder, `${files}.db`), clock }));
    },
  },
];

afterAll(async () => {
  await Promise.allSettled(opened.map((store) => store.close()));
  await rm(folder, { recursive: true, force: true });
});

function kept(store: Store): Store {
  opened.push(store);
  return store;
}
