import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf, isWorthRetrying, unavailable, WRONG_ISOLATION } from './failures.js';
import type { PostgresPool, PostgresQuery, PostgresQueryable, Row } from './pool.js';

/** Runs statements, one transaction each, and throws nothing but `MfaError`. */
export interface Connection {
  run(text: string, values?: readonly unknown[], more?: { readonly timeoutMs?: number }): Promise<readonly Row[]>;
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
    if (isWrapped) return await inReadCommitted(pool, query);
    try {
      return (await pool.query(query)).rows;
    } catch (error) {
      if (codeOf(error) !== WRONG_ISOLATION) throw error;
      // The host made another isolation level the default; from now on each statement brings its own transaction.
      isWrapped = true;
      return await inReadCommitted(pool, query);
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

async function inReadCommitted(pool: PostgresPool, query: PostgresQuery): Promise<readonly Row[]> {
  return await onOneClient(pool, async (client) => {
    await client.query({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
    const { rows } = await client.query(query);
    await client.query({ text: 'COMMIT' });
    return rows;
  });
}

/** Where `work` fails, the connection is thrown away: closing it takes back whatever was open, also where a ROLLBACK could not. */
export async function onOneClient<T>(pool: PostgresPool, work: (client: PostgresQueryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isDone = false;
  try {
    const result = await work(client);
    isDone = true;
    return result;
  } finally {
    client.release(!isDone);
  }
}
