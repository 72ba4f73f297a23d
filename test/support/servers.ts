/** Redis and PostgreSQL for a test file: each started when it is first needed, and stopped after the last test. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { type PostgresServer, postgresServer } from './postgres-server.js';
import { hasRedis, type RedisCluster, redisUrl, startRedisCluster, stopRedis } from './redis-server.js';
import { disconnect, makeReady, type StorePlace } from './store-places.js';

const folder = mkdtemp(join(tmpdir(), 'express-mfa-'));
let redis: Promise<string> | undefined;
let cluster: Promise<RedisCluster> | undefined;
let postgres: Promise<PostgresServer | undefined> | undefined;

afterAll(async () => {
  await disconnect();
  await stopRedis();
  await (await postgres)?.close();
  await rm(await folder, { recursive: true, force: true });
});

type On = StorePlace['on'];

/** The stores that several processes can share, as far as their servers can be started here; in CI all of them can. */
export async function sharedStores(): Promise<readonly On[]> {
  const withRedis = hasRedis || process.env.REDIS_URL !== undefined;
  const withPostgres = (await thePostgres()) !== undefined;
  return [
    'sqlite',
    ...(withRedis ? (['redis'] as const) : []),
    ...(withPostgres ? (['postgres'] as const) : []),
    ...(withRedis && withPostgres ? (['tiered'] as const) : []),
  ];
}

/** The same, and a cluster, which goes by its own time: for cases that wait for nothing. */
export async function sharedStoresAndCluster(): Promise<readonly On[]> {
  return [...(await sharedStores()), ...(hasRedis ? (['redis-cluster'] as const) : [])];
}

/** Somewhere new, where nothing is kept yet. */
export async function newPlace(on: On): Promise<StorePlace> {
  const place = await anyPlace(on);
  await makeReady(place);
  return place;
}

async function anyPlace(on: On): Promise<StorePlace> {
  const name = randomUUID().replaceAll('-', '');
  switch (on) {
    case 'sqlite':
      return { on, path: join(await folder, `${name}.db`) };
    case 'redis':
      redis ??= redisUrl();
      return { on, url: await redis, prefix: `${name}:` };
    case 'redis-cluster': {
      cluster ??= startRedisCluster();
      return { on, urls: (await cluster).nodes.map(({ url }) => url), prefix: `${name}:` };
    }
    case 'postgres': {
      const server = await thePostgres();
      if (!server) throw new Error('There is no PostgreSQL.');
      return { on, url: server.url, schema: `mfa_${name}` };
    }
    case 'tiered':
      return { on, durable: await anyPlace('postgres'), fast: await anyPlace('redis') };
  }
}

function thePostgres(): Promise<PostgresServer | undefined> {
  postgres ??= postgresServer();
  return postgres;
}
