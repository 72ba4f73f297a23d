/** Redis and PostgreSQL of our own, on free ports, as every test uses them; PostgreSQL with a disk it waits for. */
import { ownPostgres } from '../../test/support/postgres-server.js';
import { hasRedis, startRedis, stopRedis } from '../../test/support/redis-server.js';

export type Setup = 'memory' | 'Redis' | 'Redis + PostgreSQL';

/** What a contestant is told by its environment. */
export interface Engines {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Undefined, and said why, where this machine has none. */
export async function startEngines(setup: Setup): Promise<Engines | undefined> {
  if (setup === 'memory') return { env: {}, stop: async () => undefined };
  if (!hasRedis) return undefined;
  const redis = await startRedis('--appendonly', 'yes');
  if (setup === 'Redis') return { env: { BENCH_REDIS: redis.url }, stop: stopRedis };
  const postgres = await ownPostgres(['fsync=on']);
  if (typeof postgres === 'string') {
    console.error(`No PostgreSQL: ${postgres}`);
    await stopRedis();
    return undefined;
  }
  return {
    env: { BENCH_REDIS: redis.url, BENCH_POSTGRES: postgres.url },
    async stop() {
      await Promise.all([stopRedis(), postgres.close()]);
    },
  };
}
