/**
 * `npm run bench:plans -- --rows=10000000`: how PostgreSQL searches an audit log of that many rows. By hand, not in CI: ten million take several minutes
 * and about 7 GB of disk. Each search is run three times and must use an index; what is told is the last plan and the median time.
 */
import { parseArgs } from 'node:util';
import { Pool } from 'pg';
import { cursorOf } from '../src/core/log-cursor.js';
import type { LogQuery } from '../src/core/store.js';
import { scanStatement } from '../src/stores/postgres/log.js';
import { migrate } from '../src/stores/postgres.js';
import { ownPostgres } from '../test/support/postgres-server.js';
import { median, table } from './lib/table.js';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '10000000' } } });
const ROWS = Number(values.rows);
const USERS = Math.max(10, Math.floor(ROWS / 50));
const AT_ONCE = 250_000;
const LAST = Date.UTC(2027, 0, 1);
const MS_PER_ROW = 3_000;
const FIRST = LAST - ROWS * MS_PER_ROW;

/** As rows of a real log are spread: most are sign-ins, one in a thousand ends the proofs of its owner. */
const FILL = `INSERT INTO mfa_log (id, at, type, owner, epoch, data)
SELECT lpad(to_hex(n), 12, '0') || '-7000-8000-0123456789ab', $3::bigint + n * $4::bigint,
  (ARRAY['sign_in.pending', 'challenge.passed', 'sign_in.completed', 'challenge.failed', 'challenge.sent', 'factor.removed'])[
    CASE WHEN n % 1000 = 7 THEN 6 WHEN n % 20 = 3 THEN 4 WHEN n % 10 = 5 THEN 5 ELSE 1 + n % 3 END],
  'u:person-' || (hashint8(n)::bigint + 2147483648) % $5::bigint,
  CASE WHEN n % 1000 = 7 THEN 1 + n / 1000 END,
  '{"userId":"person","ip":"203.0.113.7","userAgent":"Mozilla/5.0 (X11; Linux x86_64)","factor":"totp"}'
FROM generate_series($1::bigint, $2::bigint) AS n`;

const server = await ownPostgres(['shared_buffers=512MB', 'max_wal_size=4GB']);
if (typeof server === 'string') throw new Error(server);
const pool = new Pool({ connectionString: server.url, max: 2 });
pool.on('error', () => undefined);
try {
  await migrate(pool);
  for (let from = 0; from < ROWS; from += AT_ONCE) {
    await pool.query(FILL, [from, Math.min(ROWS, from + AT_ONCE) - 1, FIRST, MS_PER_ROW, USERS]);
    process.stderr.write(`${Math.min(ROWS, from + AT_ONCE).toLocaleString('en')} rows\r`);
  }
  await pool.query('VACUUM ANALYZE mfa_log');
  console.log(
    table(`Audit search in ${ROWS.toLocaleString('en')} rows`, ['search', 'time', 'pages read', 'by'], await plans())
      .text,
  );
} finally {
  await pool.end();
  await server.close();
}

async function plans(): Promise<readonly (readonly string[])[]> {
  const middle = FIRST + Math.floor(ROWS / 2) * MS_PER_ROW;
  const queries: Readonly<Record<string, LogQuery>> = {
    'newest of everybody': {},
    'oldest of everybody': { order: 'asc' },
    'one user': { owner: 'u:person-7' },
    'one user, one type': { owner: 'u:person-7', types: ['challenge.failed'] },
    'one rare type': { types: ['factor.removed'] },
    'three types': { types: ['challenge.failed', 'factor.removed', 'challenge.sent'] },
    'a type that never happened': { types: ['mfa.reset'] },
    'an hour in the middle': { from: middle, to: middle + 3_600_000 },
    'the page after the middle': { cursor: cursorOf({ at: middle, id: '0' }) },
    'what the epoch watch reads': { bumps: true, from: LAST - 600_000, order: 'asc', limit: 500 },
    'what a process reads that starts': {
      bumps: true,
      from: Math.max(FIRST, LAST - 30 * 86_400_000),
      order: 'asc',
      limit: 500,
    },
  };
  const rows: string[][] = [];
  for (const [name, query] of Object.entries(queries)) {
    const { text, values: given } = scanStatement('public', query);
    const times: number[] = [];
    let plan: Plan | undefined;
    for (let run = 0; run < 3; run += 1) {
      const { rows: answer } = await pool.query<{ 'QUERY PLAN': [Explained] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
        [...given],
      );
      const [explained] = answer[0]?.['QUERY PLAN'] ?? [];
      times.push(explained?.['Execution Time'] ?? Number.NaN);
      plan = explained?.Plan;
    }
    const nodes = plan ? flat(plan) : [];
    if (nodes.some((node) => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'mfa_log'))
      throw new Error(`${name}: the whole table was read.`);
    const by = new Set(nodes.flatMap((node) => node['Index Name'] ?? []));
    const pages = (plan?.['Shared Hit Blocks'] ?? 0) + (plan?.['Shared Read Blocks'] ?? 0);
    rows.push([name, `${median(times).toFixed(2)} ms`, String(pages), [...by].join(', ')]);
  }
  return rows;
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly Plan[];
}

interface Explained {
  readonly Plan: Plan;
  readonly 'Execution Time': number;
}

function flat(plan: Plan): readonly Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(flat)];
}
