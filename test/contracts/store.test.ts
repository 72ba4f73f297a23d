import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memoryStore } from '../../src/stores/memory.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { storeContract } from '../../src/testing/index.js';

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'express-mfa-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('memory keeps the promises of a store', () => {
  for (const { name, run } of storeContract({ open: (clock) => memoryStore({ clock }) })) it(name, run);
});

describe('sqlite keeps the promises of a store, over two connections', () => {
  const open = (clock: () => number) => {
    files += 1;
    const path = join(folder, `${files}.db`);
    return [sqliteStore({ path, clock }), sqliteStore({ path, clock })];
  };
  for (const { name, run } of storeContract({ open })) it(name, run);
});

describe('a store on a clock that cannot be set keeps them in real time', () => {
  const advance = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  for (const { name, run } of storeContract({ open: () => memoryStore(), advance })) it(name, run);
});

describe('the suite', () => {
  const names = storeContract({ open: () => memoryStore() }).map(({ name }) => name);

  it('is large enough to trust, and names each case once', () => {
    expect(names.length).toBeGreaterThanOrEqual(60);
    expect(names.filter((name) => /\brace: /.test(name)).length).toBeGreaterThanOrEqual(15);
    expect(new Set(names).size).toBe(names.length);
  });
});
