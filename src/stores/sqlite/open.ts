import { MfaError } from '../../core/errors.js';
import { type Connection, connection, type SqliteHandle } from './handle.js';
import { migrate } from './schema.js';
import { turns } from './turns.js';

export interface OpenOptions {
  readonly path: string;
  readonly busyTimeoutMs: number;
}

const RETRY_MS = 20;
// See `turns.ts`.
const ON_THREAD_MS = 2;

/** Opens the file with libsql, which is loaded here and nowhere else. */
export async function openFile(options: OpenOptions): Promise<Connection> {
  const handle = await libsqlHandle(options.path);
  try {
    return await prepareHandle(handle, options.busyTimeoutMs, ON_THREAD_MS);
  } catch (error) {
    handle.close();
    throw error;
  }
}

/** Sets a handle up and brings its tables up to date. Each statement then waits so long on the thread: the whole time, unless told otherwise. */
export async function prepareHandle(
  handle: SqliteHandle,
  busyTimeoutMs: number,
  onThreadMs = busyTimeoutMs,
): Promise<Connection> {
  const opened = connection(handle);
  opened.exec(`PRAGMA busy_timeout = ${Math.trunc(Math.min(busyTimeoutMs, onThreadMs))}`);
  await useWal(opened, busyTimeoutMs);
  opened.exec('PRAGMA synchronous = FULL');
  await turns(busyTimeoutMs).take(() => migrate(opened));
  return opened;
}

/** While another process makes the same change SQLite answers "busy" at once, without waiting for the time-out. */
async function useWal(opened: Connection, busyTimeoutMs: number): Promise<void> {
  for (let left = Math.ceil(busyTimeoutMs / RETRY_MS); ; left -= 1) {
    try {
      opened.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (left <= 0) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function libsqlHandle(path: string): Promise<SqliteHandle> {
  const Database = await libsql();
  try {
    return new Database(path);
  } catch {
    throw new MfaError(
      'set_up',
      'sqliteStore: the file of `path` cannot be opened. Its folder must exist and be writable.',
    );
  }
}

async function libsql(): Promise<new (path: string) => SqliteHandle> {
  try {
    const { default: Database } = await import('libsql');
    return Database;
  } catch {
    throw new MfaError('set_up', 'sqliteStore: libsql is not installed. Run `npm install libsql`, or pass `database`.');
  }
}
