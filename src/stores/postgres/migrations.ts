import { MfaError } from '../../core/errors.js';
import { onOneClient } from './connection.js';
import { isNotAllowed, unavailable } from './failures.js';
import { dropFunctions, functions } from './functions.js';
import type { PostgresPool, PostgresQueryable } from './pool.js';
import { quoted } from './schema-name.js';
import { newest, tooNew, versionsIn } from './schema-version.js';
import { dropTables, tables } from './tables.js';

interface Migration {
  /** The oldest migration whose library still works on the result. */
  readonly worksFrom: number;
  up(schema: string): string;
  down(schema: string): string;
}

/**
 * One entry per version, each run once and in order; what has shipped is never edited.
 *
 * The rule for the next: migration N leaves everything that the library of N−1 uses in place and true, because servers with the old
 * and the new library run side by side while a deployment goes on. So: first migrate, then deploy; new columns have defaults; a
 * changed function gets a new name, and what only N−1 used is dropped by N+1. `worksFrom` of N is therefore N−1, and a library that
 * is older than that says so and stops.
 */
const MIGRATIONS: readonly Migration[] = [
  {
    worksFrom: 1,
    up: (schema) => `${tables(schema)}${functions(schema)}`,
    down: (schema) => `${dropFunctions(schema)}${dropTables(schema)}`,
  },
];

export interface MigrateOptions {
  /** The version to arrive at: `latest` (the default), or a number; 0 drops everything, with all that is in it. */
  readonly to?: 'latest' | number;
  /** Made when it is not there. Default `public`. */
  readonly schema?: string;
}

/**
 * Makes, updates or (with an older `to`) takes back the tables and functions, all of it in one transaction: it is done or it is not.
 * Several processes may do this at once; the first does the work. Tells the versions before and after.
 *
 * Run it before the new version is deployed: the library of the version before works on the new schema. A schema that is newer
 * than this library is left alone.
 *
 * Throws `MfaError('set_up')` for a server older than PostgreSQL 14, an encoding other than UTF8, a missing right, a version that
 * does not exist; `MfaError('unavailable')` where the database cannot be reached.
 */
export async function migrate(
  pool: PostgresPool,
  { to = 'latest', schema = 'public' }: MigrateOptions = {},
): Promise<{ readonly from: number; readonly to: number }> {
  const name = quoted(schema);
  const target = to === 'latest' ? newest : to;
  if (!Number.isInteger(target) || target < 0 || target > newest) {
    throw new MfaError('set_up', `migrate: \`to\` must be 'latest' or a number from 0 to ${newest}.`);
  }
  try {
    return await onOneClient(pool, async (client) => {
      await client.query({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
      await client.query({ text: `SELECT pg_advisory_xact_lock(hashtextextended($1, 1))`, values: [`mfa ${name}`] });
      await checkServer(client);
      const from = await move(client, name, to === 'latest', target);
      await client.query({ text: 'COMMIT' });
      return { from, to: to === 'latest' ? Math.max(from, target) : target };
    });
  } catch (error) {
    if (!isNotAllowed(error)) throw unavailable(error);
    throw new MfaError('set_up', `migrate: this database user may not make tables in the schema ${name}.`);
  }
}

/** Answers the version before. */
async function move(client: PostgresQueryable, schema: string, onlyUp: boolean, target: number): Promise<number> {
  const { version: from, worksFrom } = await versionsIn(client, schema);
  if (worksFrom > newest) throw tooNew(from);
  if (from === target || (onlyUp && from > target)) return from;
  if (from > newest) throw tooNew(from);
  if (from === 0) await makeVersionTable(client, schema);
  for (const [index, { up, worksFrom }] of MIGRATIONS.entries()) {
    if (index < from || index >= target) continue;
    await client.query({ text: up(schema) });
    const row = `INSERT INTO ${schema}.mfa_schema (version, works_from) VALUES ($1, $2)`;
    await client.query({ text: row, values: [index + 1, worksFrom] });
  }
  for (const [index, { down }] of [...MIGRATIONS.entries()].toReversed()) {
    if (index >= from || index < target) continue;
    await client.query({ text: down(schema) });
    await client.query({ text: `DELETE FROM ${schema}.mfa_schema WHERE version = $1`, values: [index + 1] });
  }
  if (target === 0) await client.query({ text: `DROP TABLE ${schema}.mfa_schema` });
  return from;
}

async function makeVersionTable(client: PostgresQueryable, schema: string): Promise<void> {
  // Not IF NOT EXISTS, which asks for the right to make schemas even where there is nothing to make.
  const known = await client.query({ text: 'SELECT to_regnamespace($1) IS NOT NULL AS is_there', values: [schema] });
  if (known.rows[0]?.is_there !== true) await client.query({ text: `CREATE SCHEMA ${schema}` });
  await client.query({
    text: `CREATE TABLE IF NOT EXISTS ${schema}.mfa_schema (
      version integer PRIMARY KEY, works_from integer NOT NULL, at timestamptz NOT NULL DEFAULT now())`,
  });
}

async function checkServer(client: PostgresQueryable): Promise<void> {
  const { rows } = await client.query({
    text: `SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding`,
  });
  if (Number(rows[0]?.version) < 140_000) throw new MfaError('set_up', 'migrate: needs PostgreSQL 14 or later.');
  if (rows[0]?.encoding !== 'UTF8') throw new MfaError('set_up', 'migrate: needs a database with the encoding UTF8.');
}
