/**
 * Real stores that several processes can share, and their time. The servers are real and so is all that they do; only where the library
 * asks them what time it is (`TIME` of Redis, `clock_timestamp()` of PostgreSQL) they tell a time that the test has set, so that a lock
 * of an hour can be waited for. The contracts of the stores run by the servers' own clocks.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Store } from '../../src/index.js';
import { migrate, postgresStore } from '../../src/stores/postgres.js';
import { type RedisClient, redisStore } from '../../src/stores/redis.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { tiered } from '../../src/stores/tiered.js';
import { type ConnectedRedis, redisClient, redisCluster } from './redis-client.js';

export type StorePlace =
  | { readonly on: 'sqlite'; readonly path: string }
  | { readonly on: 'redis'; readonly url: string; readonly prefix: string }
  /** By its own time. */
  | { readonly on: 'redis-cluster'; readonly urls: readonly string[]; readonly prefix: string }
  | { readonly on: 'postgres'; readonly url: string; readonly schema: string }
  | { readonly on: 'tiered'; readonly durable: StorePlace; readonly fast: StorePlace };

/** A busy machine is no reason to fail. */
const PATIENCE_MS = 20_000;

const clients = new Map<string, Promise<ConnectedRedis>>();
const clusters = new Map<string, ReturnType<typeof redisCluster>>();
const pools = new Map<string, pg.Pool>();

/** A store at that place, once `makeReady` has been called for it. `clock` is for SQLite, which has none of its own. */
export async function openAt(place: StorePlace, clock: () => number): Promise<Store> {
  switch (place.on) {
    case 'sqlite':
      return sqliteStore({ path: place.path, clock, busyTimeoutMs: PATIENCE_MS });
    case 'redis': {
      const client = byTestTime(await redisAt(place.url), timeKey(place.prefix));
      return redisStore({ client, prefix: place.prefix, timeoutMs: PATIENCE_MS, allowEviction: true });
    }
    case 'redis-cluster':
      return redisStore({ client: await clusterAt(place.urls), prefix: place.prefix, timeoutMs: PATIENCE_MS });
    case 'postgres':
      return postgresStore({ pool: poolAt(place.url), schema: place.schema, timeoutMs: PATIENCE_MS });
    case 'tiered':
      return tiered({ durable: await openAt(place.durable, clock), fast: await openAt(place.fast, clock) });
  }
}

/** Makes tables, and a time to be told; once for a place. */
export async function makeReady(place: StorePlace): Promise<void> {
  if (place.on === 'tiered') {
    await makeReady(place.durable);
    await makeReady(place.fast);
  }
  if (place.on === 'postgres') await byTestTimeIn(poolAt(place.url), place.schema);
}

/** What the clock of the place shows from now on, until it is told another time. */
export async function tellTime(place: StorePlace, now: number): Promise<void> {
  switch (place.on) {
    case 'sqlite':
    case 'redis-cluster':
      return;
    case 'redis':
      // Redis itself forgets by the real time: one that lies behind it would make it forget at once.
      if (now < Date.now()) throw new Error('The time of a test must be later than today.');
      await (await redisAt(place.url)).set(timeKey(place.prefix), String(now));
      return;
    case 'postgres':
      await poolAt(place.url).query(`UPDATE ${place.schema}.test_time SET now = $1`, [now]);
      return;
    case 'tiered':
      await Promise.all([tellTime(place.durable, now), tellTime(place.fast, now)]);
  }
}

/** Ends the connections of this process. */
export async function disconnect(): Promise<void> {
  await Promise.allSettled([...pools.values()].map((pool) => pool.end()));
  for (const client of await Promise.allSettled([...clients.values(), ...clusters.values()]))
    if (client.status === 'fulfilled') client.value.destroy();
  pools.clear();
  clients.clear();
  clusters.clear();
}

function clusterAt(urls: readonly string[]): ReturnType<typeof redisCluster> {
  const id = urls.join();
  const known = clusters.get(id) ?? redisCluster(urls);
  clusters.set(id, known);
  return known;
}

function redisAt(url: string): Promise<ConnectedRedis> {
  const known = clients.get(url);
  if (known) return known;
  const opening = redisClient(url);
  clients.set(url, opening);
  return opening;
}

function poolAt(url: string): pg.Pool {
  const known = pools.get(url);
  if (known) return known;
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  // A connection that is idle when the server stops has nobody else to tell.
  pool.on('error', () => undefined);
  pools.set(url, pool);
  return pool;
}

async function byTestTimeIn(pool: pg.Pool, schema: string): Promise<void> {
  await migrate(pool, { schema });
  await pool.query(`CREATE TABLE ${schema}.test_time (now bigint)`);
  await pool.query(`INSERT INTO ${schema}.test_time VALUES (0)`);
  const named = await pool.query('SELECT pg_get_functiondef($1::regprocedure) AS text', [
    `${schema}.mfa_now_1(bigint)`,
  ]);
  await pool.query(
    replaced(
      named.rows[0].text,
      'extract(epoch FROM clock_timestamp()) * 1000',
      `(SELECT now FROM ${schema}.test_time)`,
    ),
  );
}

const timeKey = (prefix: string) => `${prefix}test-time`;
const shaOf = (source: string) => createHash('sha1').update(source).digest('hex');

/** The same client, whose scripts are told the time by a key. */
function byTestTime(client: ConnectedRedis, key: string): RedisClient {
  const changed = new Map<string, string>();
  const scripts: ReturnType<RedisClient['withCommandOptions']> = {
    async evalSha(sha, call) {
      const known = changed.get(sha);
      if (known === undefined) throw new Error('NOSCRIPT not changed yet');
      return await client.evalSha(known, call);
    },
    async eval(source, call) {
      const text = source.includes('TIME')
        ? replaced(source, "redis.call('TIME')", `{ 0, redis.call('GET', '${key}') * 1000 }`)
        : source;
      changed.set(shaOf(source), shaOf(text));
      return await client.eval(text, call);
    },
  };
  return {
    ...scripts,
    withCommandOptions: () => scripts,
    listenerCount: (event) => client.listenerCount(event),
    info: (section) => client.info(section),
    scan: (cursor, options) => client.scan(cursor, options),
  };
}

function replaced(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`The time is not told by ${from}, once.`);
  return text.replace(from, () => to);
}
