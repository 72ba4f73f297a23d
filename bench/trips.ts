/** (c) Store calls, Redis commands and SQL statements: for a sign-in, and for the verify in it. */
import type { AddressInfo } from 'node:net';
import express from 'express';
import session from 'express-session';
import { generateSync } from 'otplib';
import passport from 'passport';
import { createMfa, memoryStore, type Store, tiered, totp } from '../src/index.js';
import { migrate, postgresStore } from '../src/stores/postgres.js';
import { redisStore } from '../src/stores/redis.js';
import { Client } from './lib/client.js';
import { type Setup, startEngines } from './lib/engines.js';
import { postgresOf, redisOf, usePasswords } from './lib/host-parts.js';
import { PASSWORD } from './lib/people.js';
import { type Table, table } from './lib/table.js';
import { countedPool, redisMonitor } from './lib/watched.js';

/** Writes down the name of every verb that is called. */
function counting(store: Store, calls: string[]): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const verb = target[name];
      if (typeof verb !== 'function') return verb;
      return (...args: unknown[]) => {
        calls.push(name);
        return (verb as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

export async function benchTrips(setup: Setup): Promise<Table | undefined> {
  const engines = await startEngines(setup);
  if (!engines) return undefined;
  Object.assign(process.env, engines.env);
  try {
    return await countTrips(setup);
  } finally {
    for (const name of Object.keys(engines.env)) delete process.env[name];
    await engines.stop();
  }
}

async function countTrips(setup: Setup): Promise<Table> {
  const calls: string[] = [];
  let now = Date.now();
  const redis = await redisOf('express-mfa');
  const commands = redis && (await redisMonitor(redis));
  const database = postgresOf();
  const pool = database && countedPool(database);
  const fast = redis && redisStore({ client: redis });
  if (pool) await migrate(pool.pool);
  const durable = pool && postgresStore({ pool: pool.pool });
  const store = fast && durable ? tiered({ durable, fast }) : (fast ?? memoryStore({ clock: () => now }));
  const mfa = createMfa({
    issuer: 'Bench',
    baseUrl: 'http://localhost',
    secrets: ['a secret for the benchmark, long enough'],
    users: { findById: (id) => ({ id, email: 'a@bench.example' }) },
    store: counting(store, calls),
    allowMemoryStore: true,
    factors: [totp()],
    rateLimit: false,
    clock: () => now,
  });
  usePasswords();
  const app = express();
  app.use(
    session({ secret: 'cookie', resave: false, saveUninitialized: false }),
    express.json(),
    passport.session(),
    mfa.gate(),
  );
  app.use('/mfa', mfa.router());
  app.post('/login', passport.authenticate('local'), (_req, res) => void res.json({}));
  app.get('/guarded', mfa.require(), (_req, res) => void res.json({}));
  const server = app.listen(0);
  const client = new Client((server.address() as AddressInfo).port);
  const rows: string[][] = [];
  const step = async (name: string, work: () => Promise<{ status: number; body: string }>) => {
    calls.length = 0;
    await commands?.since();
    pool?.since();
    const answer = await work();
    rows.push([
      name,
      String(answer.status),
      calls.join(', ') || 'none',
      commands ? (await commands.since()).join(', ') || 'none' : '',
      pool ? String(pool.since()) : '',
    ]);
    return answer;
  };

  const login = () => client.post('/login', { username: 'ada', password: PASSWORD });
  await login();
  const begun = JSON.parse((await client.post('/mfa/factors/totp', {})).body) as { id: string; secret: string };
  const code = () => generateSync({ secret: begun.secret, epoch: Math.floor(now / 1000) });
  await client.post(`/mfa/factors/${begun.id}/confirm`, { code: code() });
  client.forget();
  // Scripts are loaded and the schema is looked at with the first use; what is counted is every later one.
  for (const isCounted of [false, true]) {
    const seen = isCounted
      ? step
      : async (_name: string, work: () => Promise<{ status: number; body: string }>) => work();
    client.forget();
    now += 30_000;
    await seen('password, parked', login);
    await seen('a wrong code', () => client.post('/mfa/challenge/verify', { factorId: 'totp', code: '000000' }));
    await seen('the right code', () => client.post('/mfa/challenge/verify', { factorId: 'totp', code: code() }));
    await seen('a guarded route', () => client.get('/guarded'));
  }
  client.close();
  server.close();
  await mfa.close();
  await commands?.close();
  redis?.destroy();
  await pool?.pool.end();
  const head = ['step', 'status', 'store calls', 'Redis commands', 'SQL statements'];
  return table(`Round trips, ${setup}`, head, rows);
}
