import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { StartProblem, Unavailable } from '../problems.js';
import { type AppDatabase, type Row, TABLES, type Value } from './database.js';

export interface SqliteFile extends AppDatabase {
  /** For the store of the second factors, which keeps its tables in the same file. */
  readonly handle: Database.Database;
}

const BUSY_MS = 1500;
const RETRY_MS = 50;

/** Makes the file, and its folder, where there is none. Any number of processes of one machine may share it. `:memory:` keeps nothing. */
export function openSqlite(path: string): SqliteFile {
  const handle = open(path);
  handle.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  makeTables(handle);
  return {
    handle,
    async rows(sql, ...values) {
      return run(handle, sql, values);
    },
    async close() {
      handle.close();
    },
  };
}

function open(path: string): Database.Database {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return new Database(path);
  } catch {
    throw new StartProblem(`The file ${path} cannot be opened. Set DATA_DIR to a folder that can be written to.`);
  }
}

/** Of several processes that make the same file at once, SQLite tells all but one that it is busy. */
function makeTables(handle: Database.Database): void {
  for (let left = BUSY_MS / RETRY_MS; ; left -= 1) {
    try {
      handle.exec('PRAGMA journal_mode = WAL');
      handle.exec(TABLES);
      return;
    } catch (error) {
      if (left === 0 || !isOutage(error)) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
  }
}

function run(handle: Database.Database, sql: string, values: readonly Value[]): readonly Row[] {
  try {
    // SQLite writes `?1` where PostgreSQL writes `$1`.
    return handle.prepare(sql.replaceAll(/\$(\d+)/g, '?$1')).all(...values) as Row[];
  } catch (error) {
    throw isOutage(error) ? new Unavailable(`SQLite: ${String((error as { code?: unknown }).code)}`) : error;
  }
}

/** The file is locked for too long, or the disk fails or is full. */
function isOutage(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|IOERR|FULL)/.test(String((error as { code?: unknown }).code));
}
