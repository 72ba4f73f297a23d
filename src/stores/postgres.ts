import { checkQuery, checkRefs, checkRows, checkStep } from '../core/check-step.js';
import { MfaError } from '../core/errors.js';
import { ownerBefore, ownerPageSize, pageOfOwners } from '../core/owner-page.js';
import { seenTime } from '../core/seen-time.js';
import type { Store } from '../core/store.js';
import { checkName, fromText, toText } from '../core/stored-name.js';
import { connection } from './postgres/connection.js';
import { isAboutValues, isMissing, unavailable } from './postgres/failures.js';
import { gathered } from './postgres/gather.js';
import { pageOf, scanStatement } from './postgres/log.js';
import { ownersText } from './postgres/owners.js';
import type { PostgresPool } from './postgres/pool.js';
import { quoted } from './postgres/schema-name.js';
import { checkSchema } from './postgres/schema-version.js';
import { committedOf, logTexts, readOf, readText, stepText } from './postgres/steps.js';
import { sweepStatements } from './postgres/sweep.js';

export { type MigrateOptions, migrate } from './postgres/migrations.js';
export type {
  PostgresClient,
  PostgresPool,
  PostgresQuery,
  PostgresQueryable,
  PostgresResult,
} from './postgres/pool.js';

export interface PostgresStoreOptions {
  /**
   * A `Pool` of `pg` on the primary server, which the host made and ends itself. Give it an `error` listener, or a server that goes
   * away ends the process, and `connectionTimeoutMillis` (1000, say) for the app's own statements. Reads go to this server too: they
   * decide, and a replica may be behind; one is refused with advice.
   * A pooler between them (PgBouncer) may work by transaction.
   */
  readonly pool: PostgresPool;
  /** Where `migrate` made the tables, which all begin with `mfa_`. Default `public`. */
  readonly schema?: string;
  /**
   * How long one statement may take once it has a connection, waiting for another commit of the same owner included, before the verb
   * throws `MfaError('unavailable')` and the connection is closed; a connection is waited for as long again at most. Milliseconds;
   * default 1500, within the two seconds a store call has. Sweeping may take longer.
   */
  readonly timeoutMs?: number;
}

const SWEEP_TIMEOUT_MS = 60_000;
// The server gives up waiting for an owner before the driver gives up waiting for the server: then it is known that nothing was done.
const LOCK_SHARE = 0.8;

/**
 * Keeps everything in PostgreSQL 14 or later, for any number of processes on any number of machines. Times are the server's.
 *
 * Every verb is one statement and one transaction; where the pool's default isolation level is not READ COMMITTED, it is three.
 * Serialization failures and deadlocks are tried again at most three times. What the server was told to do when the connection
 * broke may have been done: the verb throws, and nothing is repeated by itself.
 *
 * Throws `MfaError('set_up')` for wrong options (at once) and where the schema is missing, older or too new (at first use; `ping()`
 * tells): run `migrate(pool)` before the app starts. Everything else is `MfaError('unavailable')`, without the driver's words.
 */
export function postgresStore({ pool, schema = 'public', timeoutMs = 1500 }: PostgresStoreOptions): Store {
  checkPool(pool);
  const name = quoted(schema);
  const seen = seenTime();
  const lockMs = Math.max(1, Math.floor(timeoutMs * LOCK_SHARE));
  let checked: Promise<void> | undefined;
  let isClosed = false;

  const database = connection(pool, {
    timeoutMs,
    onFailure(error) {
      // A migration took away what we call: look again before the next statement, so that the answer is advice.
      if (isMissing(error)) checked = undefined;
    },
  });

  async function run(...statement: Parameters<typeof database.run>) {
    if (isClosed) throw new MfaError('unavailable', 'postgresStore is closed.');
    checked ??= database.onClient((client) => checkSchema(client, name));
    try {
      await checked;
    } catch (error) {
      checked = undefined;
      throw unavailable(error);
    }
    return await database.run(...statement);
  }

  async function call(text: string, values: readonly unknown[]): Promise<string> {
    const [row] = await run(`SELECT ${name}.${text}::text AS answer`, values);
    return String(row?.answer);
  }

  const append = gathered(async (texts) => {
    await run(`SELECT ${name}.mfa_append_1($1::jsonb)`, [`[${texts.join()}]`]);
    return [];
  }, isAboutValues);

  const READS = `SELECT ${name}.mfa_read_1(ask->>'owner', ask->'refs', $2)::text AS answer
    FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS asked (ask, n) ORDER BY n`;
  // Reading waits for no lock, so nobody in a batch can hold up the others.
  const readTogether = gathered(
    async (texts) => (await run(READS, [`[${texts.join()}]`, seen.latest()])).map(({ answer }) => String(answer)),
    isAboutValues,
  );

  return {
    name: 'postgres',
    volatile: false,
    async read(owner, refs) {
      checkRefs(owner, refs);
      const [answer = ''] = await readTogether([readText(owner, refs)]);
      const { now, records } = readOf(answer);
      seen.note(now);
      return records;
    },
    async commit(owner, step) {
      checkStep(owner, step);
      const values = [toText(owner), stepText(step), seen.latest(), lockMs];
      const committed = committedOf(await call('mfa_commit_1($1, $2::jsonb, $3, $4)', values), step);
      seen.note(committed.now);
      return committed;
    },
    async append(rows) {
      checkRows(rows);
      await append(logTexts(rows));
    },
    async scan(query) {
      checkQuery(query);
      const { text, values } = scanStatement(name, query);
      return pageOf(await run(text, values), query);
    },
    async owners(query) {
      checkName(query.kind);
      const after = ownerBefore(query);
      const size = ownerPageSize(query);
      const values = [toText(query.kind), seen.latest(), size + 1, ...(after === undefined ? [] : [toText(after)])];
      const rows = await run(ownersText(name, after === undefined), values);
      return pageOfOwners(
        rows.map(({ owner }) => fromText(String(owner))),
        size,
      );
    },
    async sweep({ logBefore } = {}) {
      let removed = 0;
      for (const { text, values, batch } of sweepStatements(name, seen.latest(), logBefore)) {
        // In small transactions, so that nobody waits for a long one.
        for (let gone = batch; gone === batch; removed += gone) {
          const [row] = await run(text, values, { timeoutMs: SWEEP_TIMEOUT_MS });
          gone = Number(row?.gone);
        }
      }
      return { removed };
    },
    async forget(owner, only) {
      checkName(owner);
      if (only)
        await run(`DELETE FROM ${name}.mfa_log WHERE owner = $1 AND id <> ALL ($2)`, [
          toText(owner),
          only.rowsBut.map(toText),
        ]);
      else await run(`SELECT ${name}.mfa_forget_1($1, $2)`, [toText(owner), lockMs]);
    },
    async ping() {
      await run(`SELECT ${name}.mfa_now_1(0)`);
    },
    async close() {
      isClosed = true;
    },
  };
}

function checkPool(pool: unknown): void {
  const isPool = typeof pool === 'object' && pool !== null && 'connect' in pool;
  if (!isPool) throw new MfaError('set_up', 'postgresStore: give a `pool`: postgresStore({ pool: new pg.Pool() }).');
}
