/** (f) What strangers share of one send, counted: the ceiling of sending, for the whole installation. `npm run bench:budgets`. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createClient } from 'redis';
import { createSealer } from '../src/core/sealing.js';
import { marksOf } from '../src/flows/count-send.js';
import { countShared } from '../src/flows/count-shared.js';
import type { FlowDeps } from '../src/flows/deps.js';
import { createSpending } from '../src/flows/spending.js';
import { memoryStore, type Store, tiered } from '../src/index.js';
import { readLimits } from '../src/options/limits.js';
import { readMoney } from '../src/options/prices.js';
import { migrate, postgresStore } from '../src/stores/postgres.js';
import { redisStore } from '../src/stores/redis.js';
import { sqliteStore } from '../src/stores/sqlite.js';
import { ownPostgres } from '../test/support/postgres-server.js';
import { startRedis, stopRedis } from '../test/support/redis-server.js';

const CALLERS = 32;
const WIDE = {
  sendsPerNumberHour: 20,
  sendsPerNumberDay: 50,
  sendsPerIpHour: 10_000,
  sendsPerPrefix10Min: 10_000,
  sendsPerPrefixHour: 100_000,
  sendsPerDay: 10_000_000,
  numbersPerRun: 14,
};
const price = (carrier: string) => ({ carrier, channel: 'sms', perSend: '0.01', currency: 'USD' }) as const;
const caps = { spendPerDay: '50000', spendPerDayByCountry: { US: '50000' } };

/** What is on beside the budgets. */
const WAYS = {
  'budgets and neighbours': { limits: { ...WIDE, conversion: false } },
  'and conversion, as by default': { limits: WIDE },
  'and prices, two caps, one carrier': { limits: { ...WIDE, ...caps }, prices: [price('one')] },
  'the same, two carriers': { limits: { ...WIDE, ...caps }, prices: [price('one'), price('two')] },
} as const;

function depsOf(store: Store, way: (typeof WAYS)[keyof typeof WAYS]): FlowDeps {
  const { prices, caps: most, carrierOrder } = readMoney(way as Parameters<typeof readMoney>[0]);
  return {
    store,
    sealer: createSealer(['a secret for the benchmark, long enough']),
    limits: readLimits({ limits: way.limits }),
    prices,
    carrierOrder,
    spending: createSpending(prices, most, Date.now),
    clock: Date.now,
    publish: () => undefined,
    report: (error: unknown) => console.error(error),
  } as unknown as FlowDeps;
}

/** The baseline: seven counters in one commit, and nothing around them. */
function sevenCounters(store: Store): () => Promise<void> {
  return async () => {
    const limit = Number.MAX_SAFE_INTEGER;
    const own = Array.from({ length: 6 }, () => ({ key: String(randomInt(2 ** 40)), limit, windowMs: 600_000 }));
    await store.commit('sends', { hits: [...own, { key: 'all-1d', limit, windowMs: 86_400_000 }] });
  };
}

function countedSend(store: Store, name: keyof typeof WAYS): () => Promise<void> {
  const deps = depsOf(store, WAYS[name]);
  const carriers = name === 'the same, two carriers' ? ['one', 'two'] : ['one'];
  return async () => {
    const subject = { id: 'u', owner: 'u:u', label: 'u', user: {} };
    const to = `+1${randomInt(2_000_000_000, 9_999_999_999)}`;
    const send = {
      subject,
      who: marksOf(deps, { subject, to }),
      holds: [],
      context: 'c',
      enrolmentId: 'e',
      lockedBy: 'sms',
      channel: 'sms',
      to,
      country: 'US',
      ip: `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`,
      carriers,
    } as const;
    const done = await countShared(deps, send, () => undefined);
    if (!done.ok) throw new Error(`refused by ${done.limit}`);
    done.draw.correct([{ carrier: 'one', sent: 'yes' }]);
  };
}

async function aSecond(work: () => Promise<void>, count: number): Promise<number> {
  let left = count;
  const call = async () => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, call));
  return Math.round((count * 1_000) / (performance.now() - start));
}

const folder = await mkdtemp(join(tmpdir(), 'express-mfa-bench-'));
const server = await ownPostgres(['fsync=off']);
if (typeof server === 'string') throw new Error(server);
const { url } = await startRedis();
const client = await createClient({ url })
  .on('error', () => undefined)
  .connect();
const pool = new pg.Pool({ connectionString: server.url, max: 10 });
await migrate(pool);

const redis = (prefix: string) => redisStore({ client, prefix, allowEviction: true, timeoutMs: 20_000 });
const postgres = (schema: string) => postgresStore({ pool, schema, timeoutMs: 20_000 });
let opened = 0;
const stores: Readonly<Record<string, readonly [() => Promise<Store>, number]>> = {
  memory: [async () => memoryStore(), 4_000],
  Redis: [async () => redis(`b${opened}:`), 4_000],
  PostgreSQL: [async () => await fresh(), 1_500],
  tiered: [async () => tiered({ durable: await fresh(), fast: redis(`t${opened}:`) }), 1_000],
  SQLite: [async () => sqliteStore({ path: join(folder, `${opened}.db`), busyTimeoutMs: 20_000 }), 300],
};

async function fresh(): Promise<Store> {
  const schema = `b${opened}`;
  await migrate(pool, { schema });
  return postgres(schema);
}

for (const [name, [open, count]] of Object.entries(stores)) {
  for (const way of ['seven counters', ...Object.keys(WAYS)]) {
    opened += 1;
    const store = await open();
    const work = way in WAYS ? countedSend(store, way as keyof typeof WAYS) : sevenCounters(store);
    await aSecond(work, Math.ceil(count / 10));
    console.log(`${name}: ${way}: ${await aSecond(work, count)} a second`);
    if (name === 'SQLite') await store.close();
  }
}
client.destroy();
await pool.end();
await Promise.all([stopRedis(), server.close(), rm(folder, { recursive: true, force: true })]);
