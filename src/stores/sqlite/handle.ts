import { MfaError } from '../../core/errors.js';

/** The part of better-sqlite3's `Database` that is used; libsql's is the same. */
export interface SqliteHandle {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number | bigint };
  all(...values: SqliteValue[]): unknown[];
}

export type SqliteValue = string | number | null;

export type Row = Readonly<Record<string, unknown>>;

/** A handle whose statements are prepared once, and which throws nothing but `MfaError`. */
export interface Connection {
  all(sql: string, ...values: SqliteValue[]): readonly Row[];
  /** The number of rows changed. For use inside `write` only. */
  run(sql: string, ...values: SqliteValue[]): number;
  exec(sql: string): void;
  /** Holds the write lock of the file while `work` runs; takes everything back where it throws or is not ok. */
  write<T extends { readonly ok: boolean }>(work: () => T): T;
  /** One consistent moment for all reads of `work`. */
  snapshot<T>(work: () => T): T;
  close(): void;
}

export function connection(handle: SqliteHandle): Connection {
  const prepared = new Map<string, SqliteStatement>();
  let isClosed = false;

  function statement(sql: string): SqliteStatement {
    // libsql answers "no rows" on a closed handle instead of throwing.
    if (isClosed) throw new Error('closed');
    const known = prepared.get(sql) ?? handle.prepare(sql);
    prepared.set(sql, known);
    return known;
  }

  const exec = (sql: string) => guarded(() => void handle.exec(sql));

  // Not with prepared statements: one that was refused ("busy") stays open in libsql, and no later COMMIT gets past it.
  function transaction<T>(begin: string, work: () => T, isKept: (result: T) => boolean): T {
    exec(begin);
    try {
      const result = work();
      exec(isKept(result) ? 'COMMIT' : 'ROLLBACK');
      return result;
    } catch (error) {
      rollBack();
      throw error;
    }
  }

  function rollBack(): void {
    try {
      exec('ROLLBACK');
    } catch {
      // A full disk makes SQLite roll back by itself; what matters then is the first error.
    }
  }

  return {
    all: (sql, ...values) => guarded(() => statement(sql).all(...values) as readonly Row[]),
    run: (sql, ...values) => guarded(() => Number(statement(sql).run(...values).changes)),
    exec,
    write: (work) => transaction('BEGIN IMMEDIATE', work, ({ ok }) => ok),
    snapshot: (work) => transaction('BEGIN', work, () => true),
    close() {
      isClosed = true;
      prepared.clear();
      handle.close();
    },
  };
}

const BUSY = 'SQLITE_BUSY';

/** Another process is writing; nothing was done. */
export function isBusy(error: unknown): boolean {
  return error instanceof MfaError && error.message === failed(BUSY);
}

function failed(code: string): string {
  return `sqliteStore: ${code}.`;
}

/** SQLite's own words can hold a path or a piece of SQL; only the code goes on. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new MfaError('unavailable', failed(codeOf(error)));
  }
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_]{1,60}$/.test(code) ? code : 'the database could not do this';
}
