/** Tries to sign in, counted by address for express-rate-limit, over all processes that share the database. */
import type { Options, Store } from 'express-rate-limit';
import type { AppDatabase } from './database.js';

export function attemptsInDatabase(database: AppDatabase, clock: () => number): Store {
  let windowMs = 0;
  const change = async (sql: string, key: string) => void (await database.rows(sql, key));
  return {
    localKeys: false,
    init(options: Options) {
      ({ windowMs } = options);
    },
    async increment(key) {
      const [row] = await database.rows(
        `INSERT INTO attempts AS kept (address, count, reset_at) VALUES ($1, 1, $2) ON CONFLICT (address) DO UPDATE SET
           count = CASE WHEN kept.reset_at <= $3 THEN 1 ELSE kept.count + 1 END,
           reset_at = CASE WHEN kept.reset_at <= $3 THEN excluded.reset_at ELSE kept.reset_at END
         RETURNING count, reset_at`,
        key,
        clock() + windowMs,
        clock(),
      );
      return { totalHits: Number(row?.count), resetTime: new Date(Number(row?.reset_at)) };
    },
    decrement: (key) => change('UPDATE attempts SET count = count - 1 WHERE address = $1 AND count > 0', key),
    resetKey: (key) => change('DELETE FROM attempts WHERE address = $1', key),
  };
}

export async function sweepAttempts(database: AppDatabase, now: number): Promise<void> {
  await database.rows('DELETE FROM attempts WHERE reset_at <= $1', now);
}
