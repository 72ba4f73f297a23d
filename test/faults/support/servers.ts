/** Real servers for one test file: Redis and PostgreSQL of its own, which can be stopped, paused and started again. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownPostgres, type PostgresServer } from '../../support/postgres-server.js';
import { hasRedis, type RedisServer, startRedis, stopRedis } from '../../support/redis-server.js';
import type { Place, Shared } from './places.js';

/** What may be done to a server. */
export interface Power {
  /** Ends it, as an operator does or as a crash does; nobody is waited for. */
  off(): Promise<void>;
  on(): Promise<void>;
  /** Everything stands still, connections stay open. */
  pause(): void;
  resume(): void;
}

export interface Servers {
  readonly redis: RedisServer;
  readonly power: Readonly<Record<'redis' | 'postgres', Power>>;
  readonly databaseUrl: string;
  /** A new, empty place. */
  place(store: Shared): Place;
  stop(): Promise<void>;
}

/**
 * With `keepsAll` a Redis that is ended loses nothing that it answered. Undefined, with a loud word on why, where they cannot be
 * started; throws instead where `CI` is set.
 */
export async function startServers({ keepsAll = false } = {}): Promise<Servers | undefined> {
  if (!hasRedis) return undefined;
  const postgres = await ownPostgres();
  if (typeof postgres === 'string') {
    if (process.env.CI) throw new Error(`Faults of shared stores are not tested: ${postgres}`);
    process.stderr.write(`\n*** Faults of shared stores are not tested: ${postgres} ***\n\n`);
    return undefined;
  }
  const redis = await startRedis(...(keepsAll ? ['--appendonly', 'yes', '--appendfsync', 'no'] : []));
  let places = 0;
  return {
    redis,
    databaseUrl: postgres.url,
    power: {
      redis: {
        off: () => redis.kill(),
        on: () => redis.start(),
        pause: () => redis.pause(),
        resume: () => redis.resume(),
      },
      postgres: {
        off: () => postgres.power.off(),
        on: () => postgres.power.on(),
        pause: () => signal(postgres, 'SIGSTOP'),
        resume: () => signal(postgres, 'SIGCONT'),
      },
    },
    place(store) {
      places += 1;
      return {
        store,
        redisUrl: redis.url,
        databaseUrl: postgres.url,
        schema: `mfa_faults_${places}`,
        prefix: `faults-${places}:`,
      };
    },
    async stop() {
      await Promise.all([stopRedis(), postgres.close()]);
    },
  };
}

/** To the server and to the process of each connection. */
function signal({ url }: PostgresServer, name: NodeJS.Signals): void {
  const folder = new URL(url.replace('@/', '@localhost/')).searchParams.get('host') ?? '';
  const [main = ''] = readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pids = all.map((line) => line.trim().split(/\s+/)).filter(([pid, parent]) => pid === main || parent === main);
  for (const [pid] of pids) process.kill(Number(pid), name);
}
