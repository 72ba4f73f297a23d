import { setImmediate as nextTurn } from 'node:timers/promises';
import { applyCommit, readShelf } from '../core/apply-commit.js';
import { checkQuery, checkRefs, checkRows, checkStep } from '../core/check-step.js';
import { MfaError } from '../core/errors.js';
import { ownerBefore, ownerPageSize, pageOfOwners } from '../core/owner-page.js';
import { steadyClock } from '../core/steady-clock.js';
import type { Commit, Committed, Store } from '../core/store.js';
import { checkName, fromText, toText } from '../core/stored-name.js';
import type { Connection, SqliteHandle } from './sqlite/handle.js';
import { appendRows, scanRows } from './sqlite/log.js';
import { openFile, prepareHandle } from './sqlite/open.js';
import { sqliteShelf } from './sqlite/shelf.js';
import { turns } from './sqlite/turns.js';

export type { SqliteHandle, SqliteStatement, SqliteValue } from './sqlite/handle.js';

/** Give `path` or `database`. */
export interface SqliteStoreOptions {
  /** The database file; made when it is not there, in a folder that is. Needs the package `libsql`. */
  readonly path?: string;
  /**
   * A handle of better-sqlite3's shape that the host opened, and closes itself. It is switched to WAL, `synchronous = FULL` and
   * the busy time-out below; the tables all begin with `mfa_`. No transaction of the host's may be open while the store works.
   */
  readonly database?: SqliteHandle;
  /** Milliseconds since 1970. Default `Date.now`. All processes that share the file run on one machine, so they share its clock. */
  readonly clock?: () => number;
  /** How long a verb waits while another process writes, before it throws `MfaError('unavailable')`. Milliseconds; default 1500, within the two seconds a store call has. A handle of the host's own waits on the thread. */
  readonly busyTimeoutMs?: number;
}

// The first page, and those after it. Both read the primary key's index from where they begin.
const OWNERS = ['', 'AND owner > ?'].map(
  (after) => `SELECT DISTINCT owner FROM mfa_records
  WHERE kind = ? AND (expires_at IS NULL OR expires_at > ?) ${after} ORDER BY owner LIMIT ?`,
);
const BUSY_TIMEOUT_MS = 1500;
const SWEEP_BATCH = 1000;
const SWEEP_RECORDS = `DELETE FROM mfa_records WHERE rowid IN
  (SELECT rowid FROM mfa_records WHERE expires_at <= ? LIMIT ${SWEEP_BATCH})`;
const SWEEP_COUNTERS = `DELETE FROM mfa_counters WHERE rowid IN
  (SELECT rowid FROM mfa_counters WHERE reset_at <= ? LIMIT ${SWEEP_BATCH})`;
const SWEEP_LOG = `DELETE FROM mfa_log WHERE rowid IN (SELECT rowid FROM mfa_log WHERE at < ? LIMIT ${SWEEP_BATCH})`;

/**
 * Keeps everything in one SQLite file that any number of processes on one machine may share.
 *
 * Every commit is on the disk before it is answered (WAL with `synchronous = FULL`): a code that was used or a guess that was
 * counted stays so after a power cut. `NORMAL` would keep them only over a crash of the process. It made commits about twice as
 * fast where this was measured, on a disk that syncs quickly; on one that takes 5 ms, FULL does some 200 a second, which is enough
 * for sign-ins.
 *
 * Throws `MfaError('set_up')` for wrong options (at once) and for a missing libsql or folder (at first use; `ping()` tells).
 */
export function sqliteStore(options: SqliteStoreOptions): Store {
  const now = steadyClock(options.clock ?? Date.now);
  const opened = opener(options);
  const waiting = turns(options.busyTimeoutMs ?? BUSY_TIMEOUT_MS);

  const write: Writing = async (work) => {
    const connection = await opened.get();
    return await waiting.take(() => connection.write(() => work(connection)));
  };

  return {
    name: 'sqlite',
    volatile: options.path === ':memory:',
    async read(owner, refs) {
      checkRefs(owner, refs);
      const connection = await opened.get();
      const own = sqliteShelf(connection, owner, now());
      return refs.length > 1 ? connection.snapshot(() => readShelf(own, refs)) : readShelf(own, refs);
    },
    async commit(owner, step) {
      checkStep(owner, step);
      return await write((connection) => commitOnce(connection, owner, step, now()));
    },
    async append(rows) {
      checkRows(rows);
      await write((connection) => {
        appendRows(connection, rows);
        return { ok: true };
      });
    },
    async scan(query) {
      checkQuery(query);
      const connection = await opened.get();
      return connection.snapshot(() => scanRows(connection, query));
    },
    async owners(query) {
      checkName(query.kind);
      const connection = await opened.get();
      const after = ownerBefore(query);
      const size = ownerPageSize(query);
      const bounds = after === undefined ? [] : [toText(after)];
      const rows = connection.all(OWNERS[bounds.length] ?? '', toText(query.kind), now(), ...bounds, size + 1);
      return pageOfOwners(
        rows.map((row) => fromText(String(row.owner))),
        size,
      );
    },
    async sweep({ logBefore } = {}) {
      const expired = (await sweepAll(write, SWEEP_RECORDS, now())) + (await sweepAll(write, SWEEP_COUNTERS, now()));
      const old = logBefore === undefined ? 0 : await sweepAll(write, SWEEP_LOG, logBefore);
      return { removed: expired + old };
    },
    async forget(owner, only) {
      checkName(owner);
      const whose = toText(owner);
      const but = JSON.stringify((only?.rowsBut ?? []).map(toText));
      await write((connection) => {
        if (!only) {
          connection.run('DELETE FROM mfa_records WHERE owner = ?', whose);
          connection.run('DELETE FROM mfa_counters WHERE owner = ?', whose);
        }
        connection.run(
          'DELETE FROM mfa_log WHERE owner = ? AND id NOT IN (SELECT value FROM json_each(?))',
          whose,
          but,
        );
        return { ok: true };
      });
    },
    async ping() {
      const connection = await opened.get();
      connection.all('SELECT max(version) FROM mfa_schema');
    },
    close: opened.close,
  };
}

function commitOnce(connection: Connection, owner: string, step: Commit, now: number): Committed {
  const own = sqliteShelf(connection, owner, now);
  const applied = applyCommit(own, step, now);
  if (!applied.ok) return { ...applied, now };
  appendRows(connection, step.log ?? []);
  return { ...applied, records: readShelf(own, step.reads ?? []), now };
}

type Writing = <T extends { readonly ok: boolean }>(work: (connection: Connection) => T) => Promise<T>;

/** In small transactions with a pause between them, so that neither this process nor another waits for a long one. */
async function sweepAll(write: Writing, sql: string, before: number): Promise<number> {
  const { removed } = await write((connection) => ({ ok: true, removed: connection.run(sql, before) }));
  if (removed < SWEEP_BATCH) return removed;
  await nextTurn();
  return removed + (await sweepAll(write, sql, before));
}

/** Opens at first use, once for all who ask meanwhile; a failure is not remembered. */
function opener({ path, database, busyTimeoutMs = BUSY_TIMEOUT_MS }: SqliteStoreOptions) {
  if (Boolean(path) === Boolean(database)) {
    throw new MfaError(
      'set_up',
      "sqliteStore: give `path` or `database`, and not both: sqliteStore({ path: 'data/mfa.sqlite' }).",
    );
  }
  let opening: Promise<Connection> | undefined;
  let isClosed = false;

  async function open(): Promise<Connection> {
    if (database) return prepareHandle(database, busyTimeoutMs);
    return openFile({ path: path ?? '', busyTimeoutMs });
  }

  return {
    async get(): Promise<Connection> {
      if (isClosed) throw new MfaError('unavailable', 'sqliteStore is closed.');
      opening ??= open();
      try {
        return await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },
    async close(): Promise<void> {
      isClosed = true;
      const connection = await opening?.catch(() => undefined);
      if (!database) connection?.close();
      opening = undefined;
    },
  };
}
