import pg from 'pg';

/** A pool as the store's documentation asks for it. */
export function newPool(url: string, connectionTimeoutMillis: number, more: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis, ...more });
  pool.on('error', () => undefined);
  return pool;
}
