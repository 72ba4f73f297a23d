/** A Redis and a PostgreSQL for the sessions of all hosts. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import pg from 'pg';
import { postgresServer } from '../support/postgres-server.js';
import { redisUrl, stopRedis } from '../support/redis-server.js';
import type { Databases } from './play.js';

const require = createRequire(import.meta.url);

/** Throws where one of them cannot be started: without it the matrix shows nothing. */
export async function startDatabases(): Promise<Databases & { stop(): Promise<void> }> {
  const server = await postgresServer();
  if (!server) throw new Error('PostgreSQL could not be started.');
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(readFileSync(require.resolve('connect-pg-simple/table.sql'), 'utf8'));
  await client.end();
  return {
    redisUrl: await redisUrl(),
    postgresUrl: server.url,
    async stop() {
      await stopRedis();
      await server.close();
    },
  };
}
