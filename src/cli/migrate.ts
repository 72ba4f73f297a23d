import { migrate } from '../stores/postgres/migrations.js';
import { type SchemaStatus, schemaStatus } from '../stores/postgres/status.js';
import type { PostgresPool } from '../stores/postgres.js';
import { EXIT, type Surroundings, UsageError } from './exit.js';
import { withPool } from './postgres-pool.js';

export interface MigrateFlags {
  readonly databaseUrl?: string | undefined;
  readonly schema?: string | undefined;
  readonly to?: string | undefined;
  readonly dropEverything?: boolean | undefined;
}

const ACTIONS = ['status', 'up', 'down'] as const;

export async function migrateCommand(
  around: Surroundings,
  words: readonly string[],
  flags: MigrateFlags,
): Promise<number> {
  const action = ACTIONS.find((one) => one === words[0]);
  if (!action || words.length !== 1) throw new UsageError('Write `express-mfa migrate status`, `up` or `down`.');
  if (action !== 'down' && (flags.to !== undefined || flags.dropEverything))
    throw new UsageError(`--to and --drop-everything are for \`migrate down\`, not for \`migrate ${action}\`.`);
  const schema = flags.schema ?? 'public';
  return await withPool(around, flags.databaseUrl, async (pool) => {
    if (action === 'status') return tellStatus(around, schema, await schemaStatus(pool, { schema }));
    const { from, to } = await migrate(pool, {
      schema,
      ...(action === 'down' ? await target(pool, schema, flags) : {}),
    });
    around.out(
      from === to
        ? `The schema ${schema} is of version ${to} already.`
        : `The schema ${schema} went from version ${from} to ${to}.`,
    );
    return EXIT.ok;
  });
}

function tellStatus({ out }: Surroundings, schema: string, { version, newest, worksFrom }: SchemaStatus): number {
  out(`The schema ${schema} is of version ${version}; this express-mfa was written for ${newest}.`);
  if (version < newest) {
    out('Run `express-mfa migrate up` before the app starts.');
    return EXIT.left;
  }
  if (worksFrom <= newest) return EXIT.ok;
  out('It is too new for this express-mfa. Update the package.');
  return EXIT.left;
}

async function target(pool: PostgresPool, schema: string, flags: MigrateFlags): Promise<{ readonly to: number }> {
  if (flags.to !== undefined && !/^\d{1,6}$/.test(flags.to))
    throw new UsageError('--to takes the number of a version.');
  const { version } = await schemaStatus(pool, { schema });
  const to = flags.to === undefined ? Math.max(0, version - 1) : Number(flags.to);
  if (to > version)
    throw new UsageError(`The schema ${schema} is of version ${version}; \`migrate up\` leads to newer ones.`);
  if (to === 0 && version > 0 && !flags.dropEverything) {
    throw new UsageError(
      `Version 0 is none at all: every enrolment in the schema ${schema} would be deleted, and the audit log. If that is what you want, add --drop-everything.`,
    );
  }
  return { to };
}
