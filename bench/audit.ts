/** (f) Durable audit rows a second: PostgreSQL waits for its disk, and a caller's promise for PostgreSQL. */
import { Pool } from 'pg';
import { eventId } from '../src/core/event-id.js';
import type { LogRow } from '../src/core/store.js';
import { migrate, postgresStore } from '../src/stores/postgres.js';
import { startEngines } from './lib/engines.js';
import type { Size } from './lib/size.js';
import { median, type Table, table } from './lib/table.js';
import { countedPool } from './lib/watched.js';

const CASES = [
  { name: 'one caller, one row at a time', callers: 1, rows: 1 },
  { name: '64 callers, one row each', callers: 64, rows: 1 },
  { name: '512 callers, one row each', callers: 512, rows: 1 },
  { name: '8 callers, 100 rows each', callers: 8, rows: 100 },
] as const;

export async function benchAudit({ auditMs }: Size): Promise<Table | undefined> {
  const engines = await startEngines('Redis + PostgreSQL');
  if (!engines) return undefined;
  const pool = new Pool({ connectionString: engines.env.BENCH_POSTGRES, max: 10 });
  // The server is stopped while connections may still be closing.
  pool.on('error', () => undefined);
  const counted = countedPool(pool);
  try {
    await migrate(pool);
    const store = postgresStore({ pool: counted.pool });
    await store.ping();
    const rows: string[][] = [];
    for (const { name, callers, rows: together } of CASES) {
      const waits: number[] = [];
      counted.since();
      let written = 0;
      const started = performance.now();
      const cpuBefore = process.cpuUsage();
      await Promise.all(
        Array.from({ length: callers }, async () => {
          while (performance.now() - started < auditMs) {
            const asked = performance.now();
            await store.append(Array.from({ length: together }, rowNow));
            waits.push(performance.now() - asked);
            written += together;
          }
        }),
      );
      const seconds = (performance.now() - started) / 1000;
      const { user, system } = process.cpuUsage(cpuBefore);
      const statements = counted.since();
      const { rows: kept } = await pool.query<{ n: string }>('SELECT count(*) AS n FROM mfa_log');
      await pool.query('TRUNCATE mfa_log');
      if (Number(kept[0]?.n) !== written) throw new Error(`${kept[0]?.n} rows are kept of ${written}.`);
      rows.push([
        name,
        Math.round(written / seconds).toLocaleString('en'),
        (written / statements).toFixed(1),
        `${median(waits).toFixed(1)} ms`,
        `${((user + system) / written).toFixed(0)} µs`,
      ]);
    }
    await store.close();
    const head = ['who writes', 'rows/s', 'rows a statement', 'wait (median)', 'CPU here, each row'];
    return table('Durable audit rows on PostgreSQL (fsync and synchronous_commit on)', head, rows);
  } finally {
    await pool.end();
    await engines.stop();
  }
}

function rowNow(): LogRow {
  const at = Date.now();
  const data = { userId: 'person-7', ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', factor: 'totp' };
  return { id: eventId(at), at, type: 'challenge.passed', owner: `u:person-${at % 1000}`, data };
}
