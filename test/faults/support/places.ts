/** The stores that several processes share, opened by name, so that a test and the processes it starts open the same. */
import { createClient } from 'redis';
import type { Store } from '../../../src/index.js';
import { migrate, postgresStore } from '../../../src/stores/postgres.js';
import { redisStore } from '../../../src/stores/redis.js';
import { tiered } from '../../../src/stores/tiered.js';
import { newPool } from './pool.js';
import { RedisSessions } from './redis-sessions.js';

export const SHARED = ['redis', 'postgres', 'tiered'] as const;

export type Shared = (typeof SHARED)[number];

/** Where a host keeps what it keeps; plain JSON, to be handed to a process. */
export interface Place {
  readonly store: Shared;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly schema: string;
  readonly prefix: string;
}

export interface Opened {
  readonly store: Store;
  readonly sessions: RedisSessions;
  /** Ends the connections. */
  end(): Promise<void>;
}

/** `around` stands between the library and each server; `timeoutMs` is each store's own. */
export async function open(
  place: Place,
  { around = (store) => store, timeoutMs = 1500 }: { around?: (store: Store) => Store; timeoutMs?: number } = {},
): Promise<Opened> {
  const client = createClient({ url: place.redisUrl, disableOfflineQueue: true, socket: { reconnectStrategy: 50 } });
  await client.on('error', () => undefined).connect();
  const pool = newPool(place.databaseUrl, timeoutMs);
  if (place.store !== 'redis') await migrate(pool, { schema: place.schema });
  const redis = () => around(redisStore({ client, prefix: place.prefix, timeoutMs }));
  const postgres = () => around(postgresStore({ pool, schema: place.schema, timeoutMs }));
  const stores = { redis, postgres, tiered: () => tiered({ durable: postgres(), fast: redis() }) };
  return {
    store: stores[place.store](),
    sessions: new RedisSessions(client as never, `${place.prefix}sess:`),
    async end() {
      await pool.end();
      client.destroy();
    },
  };
}
