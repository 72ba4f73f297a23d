import type { PostgresPool } from '../stores/postgres.js';
import { type Surroundings, UsageError } from './exit.js';

const CONNECT_MS = 10_000;

/** Runs `work` with a connection of \`pg\`, which is loaded here and nowhere else. */
export async function withPool<T>(
  { env, err }: Pick<Surroundings, 'env' | 'err'>,
  given: string | undefined,
  work: (pool: PostgresPool) => Promise<T>,
): Promise<T> {
  const connectionString = databaseUrl(env, given);
  const { Pool } = await loadPg();
  const pool = new Pool({ connectionString, max: 1, connectionTimeoutMillis: CONNECT_MS });
  // Without a listener, a server that goes away ends the process.
  pool.on('error', () => err('The connection to the database broke.'));
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

function databaseUrl(env: Surroundings['env'], given: string | undefined): string {
  if (given !== undefined && /^[^/]*\/\/[^/@]*:[^/]*@|[?&]password=/i.test(given)) {
    throw new UsageError(
      '--database-url has a password in it, and everybody on this machine can read a command line. Put the URL into the environment as DATABASE_URL.',
    );
  }
  const url = given ?? env.DATABASE_URL;
  if (url === undefined || url === '') {
    throw new UsageError(
      'No database was named. Set DATABASE_URL=postgresql://user:password@host/database, or pass --database-url without a password.',
    );
  }
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  const from = given === undefined ? 'DATABASE_URL' : '--database-url';
  throw new UsageError(
    `${from} does not begin with postgresql://. Migrations are for PostgreSQL; SQLite and Redis need none.`,
  );
}

async function loadPg() {
  try {
    const { default: pg } = await import('pg');
    return pg;
  } catch {
    throw new UsageError(
      'The package pg is not installed. Run `npm install pg` in the app, and the command from there.',
    );
  }
}
