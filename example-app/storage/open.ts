/** Which engine keeps what: Redis and PostgreSQL where they are given, and a SQLite file for the rest. */
import type { Store as AttemptStore } from 'express-rate-limit';
import { MfaError, type Store } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { StartProblem } from '../problems.js';
import { attemptsInDatabase, sweepAttempts } from './attempts.js';
import type { AppDatabase } from './database.js';
import { DatabaseSessions, type Sessions } from './sessions.js';
import { openSqlite } from './sqlite.js';

export interface Storage {
  /** Users, the developer inbox, and whatever Redis does not take. */
  readonly database: AppDatabase;
  readonly sessions: Sessions;
  readonly attempts: AttemptStore;
  /** What express-mfa keeps. */
  readonly secondSteps: Store;
  /** For people: which engine keeps what. */
  readonly told: string;
  /** Deletes what has expired in the app's own tables. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

export interface Engines {
  /** The SQLite file, where there is no PostgreSQL. */
  readonly file: string;
  readonly databaseUrl?: string | undefined;
  readonly redisUrl?: string | undefined;
}

/** Connects, makes the tables, and looks whether it all works. Throws `StartProblem` with advice. */
export async function openStorage({ file, databaseUrl, redisUrl }: Engines): Promise<Storage> {
  let storage = databaseUrl ? await inPostgres(databaseUrl) : inSqlite(file);
  try {
    if (redisUrl) storage = await addRedis(storage, redisUrl, databaseUrl !== undefined);
    await check(storage);
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** Everything in one file, or in memory with `:memory:`. Processes of one machine may share the file. */
export function inSqlite(file: string, clock = Date.now): Storage {
  const database = openSqlite(file);
  return {
    ...inDatabase(database, clock),
    secondSteps: sqliteStore({ database: database.handle, clock }),
    told: `everything in the SQLite file ${file}`,
  };
}

async function inPostgres(url: string): Promise<Storage> {
  const { openPostgres } = await import('./postgres.js');
  const database = await openPostgres(url);
  return {
    ...inDatabase(database, Date.now),
    // In your app: import { postgresStore } from 'express-mfa/postgres';
    secondSteps: postgresStore({ pool: database.pool }),
    told: 'everything in PostgreSQL',
  };
}

async function addRedis(rest: Storage, url: string, isDurable: boolean): Promise<Storage> {
  const { withRedis } = await import('./with-redis.js');
  return await withRedis(rest, url, isDurable);
}

function inDatabase(database: AppDatabase, clock: () => number): Omit<Storage, 'secondSteps' | 'told'> {
  const sessions = new DatabaseSessions(database, clock);
  return {
    database,
    sessions,
    attempts: attemptsInDatabase(database, clock),
    async sweep() {
      await sessions.sweep();
      await sweepAttempts(database, clock());
    },
    close: () => database.close(),
  };
}

/** What the stores of express-mfa find wrong: an eviction policy that loses locks, a server too old, a missing right. */
async function check({ secondSteps }: Storage): Promise<void> {
  try {
    await secondSteps.ping();
  } catch (error) {
    throw error instanceof MfaError ? new StartProblem(error.message) : error;
  }
}
