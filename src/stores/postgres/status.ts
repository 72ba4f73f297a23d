import { onOneClient } from './connection.js';
import { unavailable } from './failures.js';
import type { PostgresPool } from './pool.js';
import { quoted } from './schema-name.js';
import { newest, type SchemaVersions, versionsIn } from './schema-version.js';

export interface SchemaStatus extends SchemaVersions {
  /** The version this library was written for. */
  readonly newest: number;
}

/** Where a schema stands, without changing anything. Throws `MfaError('unavailable')` where the database cannot be reached. */
export async function schemaStatus(
  pool: PostgresPool,
  { schema = 'public' }: { readonly schema?: string } = {},
): Promise<SchemaStatus> {
  const name = quoted(schema);
  try {
    return { ...(await onOneClient(pool, (client) => versionsIn(client, name))), newest };
  } catch (error) {
    throw unavailable(error);
  }
}
