import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, isWorthRetrying, unavailable, WRONG_ISOLATION } from './failures.js';
import type { PostgresClient, PostgresPool, PostgresQuery, PostgresQueryable, Row } from './pool.js';

/** Runs statements, one transaction each, and throws nothing but `MfaError`. */
export interface Connection {
  run(text: string, values?: readonly unknown[], more?: { readonly timeoutMs?: number }): Promise<readonly Row[]>;
  /** Several statements of one connection, each under the time limit; throws what they throw. */
  onClient<T>(work: (client: PostgresQueryable) => Promise<T>): Promise<T>;
}

const RETRIES = 3;
const LONGEST_PAUSE_MS = 25;

/** `onFailure` is told the error before it becomes `unavailable`. */
export function connection(
  pool: PostgresPool,
  { timeoutMs, onFailure }: { readonly timeoutMs: number; readonly onFailure: (error: unknown) => void },
): Connection {
  let isWrapped = false;

  async function once(query: PostgresQuery): Promise<readonly Row[]> {
    if (isWrapped) return await inReadCommitted(pool, query, timeoutMs);
    try {
      return await onOneClient(pool, async (client) => (await client.query(query)).rows, timeoutMs);
    } catch (error) {
      if (codeOf(error) !== WRONG_ISOLATION) throw error;
      // The host made another isolation level the default; from now on each statement brings its own transaction.
      isWrapped = true;
      return await inReadCommitted(pool, query, timeoutMs);
    }
  }

  /**
   * Only what the server surely took back is done again. A connection that breaks may have committed before it did; saying that
   * nobody knows is right, and doing it twice would not be.
   */
  async function retried(query: PostgresQuery, left: number): Promise<readonly Row[]> {
    try {
      return await once(query);
    } catch (error) {
      if (left <= 0 || !isWorthRetrying(error)) throw error;
      await pause(randomInt(1, LONGEST_PAUSE_MS * 2 ** (RETRIES - left)));
      return await retried(query, left - 1);
    }
  }

  return {
    onClient: (work) =>
      onOneClient(
        pool,
        (client) => work({ query: (query) => client.query({ ...query, query_timeout: timeoutMs }) }),
        timeoutMs,
      ),
    async run(text, values = [], more = {}) {
      try {
        return await retried({ text, values: [...values], query_timeout: more.timeoutMs ?? timeoutMs }, RETRIES);
      } catch (error) {
        onFailure(error);
        throw unavailable(error);
      }
    },
  };
}

async function inReadCommitted(pool: PostgresPool, query: PostgresQuery, timeoutMs: number): Promise<readonly Row[]> {
  const statement = (text: string) => ({ text, query_timeout: timeoutMs });
  return await onOneClient(
    pool,
    async (client) => {
      await client.query(statement('BEGIN ISOLATION LEVEL READ COMMITTED'));
      const { rows } = await client.query(query);
      await client.query(statement('COMMIT'));
      return rows;
    },
    timeoutMs,
  );
}

/**
 * Where `work` fails, the connection is thrown away: closing it takes back whatever was open, also where a ROLLBACK could not. Without
 * `timeoutMs` a connection is waited for as long as the pool does.
 */
export async function onOneClient<T>(
  pool: PostgresPool,
  work: (client: PostgresQueryable) => Promise<T>,
  timeoutMs?: number,
): Promise<T> {
  const client = await (timeoutMs === undefined ? pool.connect() : connectedIn(pool, timeoutMs));
  client.on('error', ignored);
  let isDone = false;
  try {
    const result = await work(client);
    isDone = true;
    return result;
  } finally {
    client.removeListener('error', ignored);
    client.release(!isDone);
  }
}

/** A connection that comes too late goes back unused: what was answered "unavailable" is not done later. */
async function connectedIn(pool: PostgresPool, timeoutMs: number): Promise<PostgresClient> {
  return await new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(Object.assign(new Error('no connection in time'), { code: 'POOL_EXHAUSTED' }));
    }, timeoutMs);
    pool.connect().then(
      (client) => {
        clearTimeout(timer);
        if (isLate) client.release();
        else resolve(client);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** The statement that was under way fails with the same error, and that is heard. */
function ignored(): void {
  return undefined;
}
