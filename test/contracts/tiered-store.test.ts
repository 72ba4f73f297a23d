import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { memoryStore } from '../../src/stores/memory.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { tiered } from '../../src/stores/tiered.js';
import { storeContract } from '../../src/testing/index.js';

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'express-mfa-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Clock = () => number;

const twoOfMemory = (clock: Clock) => ({ durable: memoryStore({ clock }), fast: memoryStore({ clock }) });
const sqliteAndMemory = (clock: Clock) => {
  files += 1;
  return { durable: sqliteStore({ path: join(folder, `${files}.db`), clock }), fast: memoryStore({ clock }) };
};

/**
 * With the kinds of the library every record of the suite is durable, and its counters are fast; with the second list its commonest
 * kinds are fast, and its epochs and log durable.
 */
const ways = [
  ['memory and memory, records durable', twoOfMemory, undefined],
  ['sqlite and memory, records durable', sqliteAndMemory, undefined],
  ['memory and memory, records fast', twoOfMemory, ['thing', 'else']],
  ['sqlite and memory, records fast', sqliteAndMemory, ['thing', 'else']],
] as const;

describe.each(ways)('tiered keeps the promises of a store over %s', (_, stores, fastKinds) => {
  const open = (clock: Clock) => {
    const both = stores(clock);
    const options = { ...both, ...(fastKinds ? { fastKinds } : {}) };
    return [tiered(options), tiered(options)];
  };
  for (const { name, run } of storeContract({ open })) it(name, run);
});
