import { MfaError } from '../../core/errors.js';
import { isMissing } from './failures.js';
import type { PostgresQueryable } from './pool.js';

/** The version this library was written for: the number of migrations. */
export const newest = 1;

export interface SchemaVersions {
  /** 0: nothing was made yet. */
  readonly version: number;
  /** The oldest version whose library works on it. */
  readonly worksFrom: number;
}

/** Asks the catalogue first: a failed statement would end the transaction this may be part of. */
export async function versionsIn(client: PostgresQueryable, schema: string): Promise<SchemaVersions> {
  const table = await client.query({
    text: 'SELECT to_regclass($1) IS NOT NULL AS is_there',
    values: [`${schema}.mfa_schema`],
  });
  if (table.rows[0]?.is_there !== true) return { version: 0, worksFrom: 0 };
  const text = `SELECT version, works_from FROM ${schema}.mfa_schema ORDER BY version DESC LIMIT 1`;
  const { rows } = await client.query({ text });
  return { version: Number(rows[0]?.version ?? 0), worksFrom: Number(rows[0]?.works_from ?? 0) };
}

/** Throws `MfaError('set_up')` unless this library works on the schema. */
export async function checkSchema(pool: PostgresQueryable, schema: string): Promise<void> {
  const { version, worksFrom } = await versionsIn(pool, schema).catch((error: unknown) => {
    // Taken away between the two questions.
    if (isMissing(error)) return { version: 0, worksFrom: 0 };
    throw error;
  });
  if (version < newest) {
    const found = version === 0 ? `has no tables of express-mfa` : `is of version ${version}, older than ${newest}`;
    const advice = "Run `await migrate(pool)` from 'express-mfa/postgres' before the app starts";
    throw new MfaError('set_up', `postgresStore: the schema ${schema} ${found}. ${advice} (with the same \`schema\`).`);
  }
  if (worksFrom > newest) throw tooNew(version);
}

export function tooNew(version: number): MfaError {
  return new MfaError(
    'set_up',
    `express-mfa/postgres: the schema is of version ${version}, newer than this library works with. Update express-mfa.`,
  );
}
