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
 * kinds are fast, and its epochs and log durable. With the list of counters, commits of several hits have some in each tier.
 */
const FAST_RECORDS = { fastKinds: ['thing', 'else'] };
const SOME_COUNTERS = { durableCounters: ['b', 'number', 'full', 'lock:', 'epoch'] };
const ALL_COUNTERS = { durableCounters: [''] };
const ways = [
  ['memory and memory, records durable', twoOfMemory, {}],
  ['sqlite and memory, records durable', sqliteAndMemory, {}],
  ['memory and memory, records fast', twoOfMemory, FAST_RECORDS],
  ['sqlite and memory, records fast', sqliteAndMemory, FAST_RECORDS],
  ['memory and memory, records fast, counters in both', twoOfMemory, { ...FAST_RECORDS, ...SOME_COUNTERS }],
  ['sqlite and memory, records durable, counters in both', sqliteAndMemory, SOME_COUNTERS],
  ['memory and memory, records fast, counters durable', twoOfMemory, { ...FAST_RECORDS, ...ALL_COUNTERS }],
] as const;

describe.each(ways)('tiered keeps the promises of a store over %s', (_, stores, options) => {
  const open = (clock: Clock) => {
    const both = { ...stores(clock), ...options };
    return [tiered(both), tiered(both)];
  };
  for (const { name, run } of storeContract({ open })) it(name, run);
});
