import { afterAll, expect, it } from '@jest/globals';
import pg from 'pg';
import type { LogQuery } from '../../src/core/store.js';
import { migrate, type PostgresQuery, postgresStore } from '../../src/stores/postgres.js';
import { poolThat } from '../support/postgres-pool.js';
import { postgresServer } from '../support/postgres-server.js';

const server = await postgresServer();
const itIf = server ? it : it.skip;
const pool = new pg.Pool({ connectionString: server?.url, max: 2 });
pool.on('error', () => undefined);
const schema = `mfa_search_${process.pid}`;

afterAll(async () => {
  if (server) await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  await pool.end();
  await server?.close();
});

const asked: PostgresQuery[] = [];
const watched = poolThat(pool, (query) => void asked.push(query));

const searches: readonly (readonly [name: string, query: LogQuery, index: string])[] = [
  ['by nothing', {}, 'mfa_log_at'],
  ['by time', { from: 1000, to: 2000 }, 'mfa_log_at'],
  ['by owner', { owner: 'owner 7' }, 'mfa_log_owner'],
  ['by owner, types and time', { owner: 'owner 7', types: ['type 1', 'type 2'], from: 1 }, 'mfa_log_owner'],
  ['by type', { types: ['type 3'] }, 'mfa_log_type'],
  ['by several types and time', { types: ['type 1', 'type 2'], to: 19_000 }, 'mfa_log_(type|at)'],
  ['for bumps', { bumps: true, from: 10, order: 'asc' }, 'mfa_log_bumps'],
];

itIf(
  'reads the log in order from an index, whatever is searched for, from the first page and from a cursor',
  async () => {
    await migrate(pool, { schema });
    await pool.query(`INSERT INTO ${schema}.mfa_log
    SELECT 'id ' || n, n, 'type ' || n % 20, 'owner ' || n % 90, CASE WHEN n % 25 = 0 THEN n END, 'null'
    FROM generate_series(1, 20000) AS n`);
    await pool.query(`ANALYZE ${schema}.mfa_log`);
    const store = postgresStore({ pool: watched, schema });
    for (const [name, query, index] of searches) {
      asked.length = 0;
      const first = await store.scan({ ...query, limit: 5 });
      await store.scan({ ...query, limit: 5, ...(first.next === undefined ? {} : { cursor: first.next }) });
      const scans = asked.filter(({ text }) => text.includes('mfa_log'));
      expect([name, scans.length]).toEqual([name, 2]);
      for (const { text, values = [] } of scans) {
        const { rows } = await pool.query(`EXPLAIN ${text}`, values);
        const plan = rows.map((row) => String(row['QUERY PLAN'])).join('\n');
        expect(plan).toMatch(new RegExp(`Index (Only )?Scan (Backward )?using ${index} `));
        expect(plan).not.toContain('Seq Scan on mfa_log');
        if ((query.types?.length ?? 0) < 2 || query.owner) expect(plan).not.toContain('Sort');
      }
    }
  },
);
