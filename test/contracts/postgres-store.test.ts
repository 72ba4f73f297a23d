import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { memoryStore } from '../../src/stores/memory.js';
import { migrate, postgresStore } from '../../src/stores/postgres.js';
import { tiered } from '../../src/stores/tiered.js';
import { storeContract } from '../../src/testing/index.js';
import { postgresServer } from '../support/postgres-server.js';

const server = await postgresServer();
const pools = [1, 2].map(() => new pg.Pool({ connectionString: server?.url, max: 5 }));
const schemas: string[] = [];
// A connection that is idle when the server stops has nobody else to tell.
for (const pool of pools) pool.on('error', () => undefined);

afterAll(async () => {
  for (const schema of schemas) await pools[0]?.query(`DROP SCHEMA ${schema} CASCADE`);
  for (const pool of pools) await pool.end();
  await server?.close();
  // Two schemas for each case are a lot to drop on a busy machine.
}, 60_000);

const advance = (ms: number) => pass(ms);

/** A new, empty schema. */
async function newSchema(): Promise<string> {
  const schema = `mfa_contract_${process.pid}_${schemas.length}`;
  schemas.push(schema);
  for (const pool of pools) await migrate(pool, { schema });
  return schema;
}

(server ? describe : describe.skip)('postgres keeps the promises of a store, over two pools, by its own clock', () => {
  async function open() {
    const schema = await newSchema();
    return pools.map((pool) => postgresStore({ pool, schema }));
  }
  for (const { name, run } of storeContract({ open, advance })) it(name, run);
});

(server ? describe : describe.skip)(
  'tiered keeps them over postgres and memory, with counters in both, by two clocks',
  () => {
    async function open() {
      const schema = await newSchema();
      const fast = memoryStore();
      const durableCounters = ['b', 'number', 'full', 'lock:', 'epoch'];
      return pools.map((pool) => tiered({ durable: postgresStore({ pool, schema }), fast, durableCounters }));
    }
    for (const { name, run } of storeContract({ open, advance })) it(name, run);
  },
);
