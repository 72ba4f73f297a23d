import pg from 'pg';
// In your app: import { migrate } from 'express-mfa/postgres';
import { migrate } from '../../src/stores/postgres.js';
import { StartProblem, Unavailable } from '../problems.js';
import { type AppDatabase, TABLES } from './database.js';

export interface Postgres extends AppDatabase {
  /** For the store of the second factors, whose tables all begin with `mfa_`. */
  readonly pool: pg.Pool;
}

/** `DATABASE_URL`: connects, and makes or updates all tables. Throws `StartProblem` with advice. */
export async function openPostgres(url: string): Promise<Postgres> {
  const pool = poolOf(url);
  // Without a listener, a server that goes away ends this process.
  pool.on('error', (error) => console.error(`PostgreSQL: ${codeOf(error)}`));
  try {
    await makeTables(pool);
    await migrate(pool);
  } catch (error) {
    await pool.end();
    throw problemOf(error);
  }
  return {
    pool,
    async rows(sql, ...values) {
      try {
        return (await pool.query(sql, [...values])).rows;
      } catch (error) {
        throw isOutage(error) ? new Unavailable(`PostgreSQL: ${codeOf(error)}`) : error;
      }
    },
    close: () => pool.end(),
  };
}

function poolOf(url: string): pg.Pool {
  const problem = new StartProblem(UNREADABLE);
  if (!/^postgres(ql)?:\/\//.test(url)) throw problem;
  try {
    return new pg.Pool({
      connectionString: url,
      application_name: 'harbour',
      // Nobody waits for a connection, or for an answer, without end.
      connectionTimeoutMillis: 2000,
      query_timeout: 5000,
    });
  } catch {
    throw problem;
  }
}

/** Several processes may do this at once: all but the first wait for it. */
async function makeTables(pool: pg.Pool): Promise<void> {
  await pool.query(`BEGIN; SELECT pg_advisory_xact_lock(hashtext('harbour')); ${TABLES} COMMIT`);
}

const UNREADABLE = 'DATABASE_URL cannot be read. It looks like postgresql://user:password@localhost:5432/harbour';

const ADVICE: Readonly<Record<string, string>> = {
  ERR_INVALID_URL: UNREADABLE,
  ECONNREFUSED: 'Nobody answers at the address of DATABASE_URL. Is PostgreSQL running?',
  ENOENT: 'There is no socket in the folder of DATABASE_URL. Is PostgreSQL running?',
  ENOTFOUND: 'The host of DATABASE_URL is not known.',
  EAI_AGAIN: 'The host of DATABASE_URL is not known.',
  '28P01': 'PostgreSQL does not let us in with the user and password of DATABASE_URL.',
  '28000': 'PostgreSQL does not let us in with the user of DATABASE_URL.',
  '3D000': 'The database of DATABASE_URL does not exist. Make it: createdb harbour',
  '42501': 'The user of DATABASE_URL may not make tables. Give it a database of its own: createdb -O <user> harbour',
};

function problemOf(error: unknown): Error {
  const code = codeOf(error);
  const advice = ADVICE[code] ?? (isOutage(error) ? 'PostgreSQL does not answer at DATABASE_URL.' : undefined);
  if (advice === undefined) return error as Error;
  return new StartProblem(`${advice} (${code})\nWithout DATABASE_URL everything is kept in a file.`);
}

/** PostgreSQL's five letters or the system's word; the driver's own sentence may hold an address. */
function codeOf(error: unknown): string {
  const code = String((error as { code?: unknown }).code);
  return /^[A-Z0-9_]{3,40}$/.test(code) ? code : 'no answer in time';
}

/** What the connection or the server's state is to blame for: 08 and 57 are classes of PostgreSQL, 53 means that it is full. */
function isOutage(error: unknown): boolean {
  return !/^[0-9A-Z]{5}$/.test(codeOf(error)) || /^(08|53|57)/.test(codeOf(error));
}
