import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { createClient } from 'redis';
import { StartProblem } from '../../example-app/problems.js';
import { readSettings, secretsOf } from '../../example-app/settings.js';
import { openStorage } from '../../example-app/storage/open.js';
import { openSqlite } from '../../example-app/storage/sqlite.js';
import { createMailbox } from '../../example-app/trial/mailbox.js';
import { trialAccount } from '../../example-app/trial/reports.js';
import type { Delivery } from '../../src/index.js';
import { deliveryContract } from '../../src/testing/index.js';
import { ownPostgres, type PostgresServer } from '../support/postgres-server.js';
import { hasRedis, startRedis, stopRedis } from '../support/redis-server.js';
import { runs, stopProcesses } from './processes.js';

jest.setTimeout(60_000);

let postgres: Required<PostgresServer> | undefined;

beforeAll(async () => {
  const own = await ownPostgres();
  if (typeof own !== 'string') postgres = own;
  else if (process.env.CI) throw new Error(own);
}, 60_000);
afterAll(async () => {
  await stopProcesses();
  await Promise.all([stopRedis(), postgres?.close()]);
});

const file = ':memory:';
const PASSWORD = 'hunter2';

async function problem(engines: { databaseUrl?: string; redisUrl?: string }): Promise<string> {
  const error: unknown = await openStorage({ file, ...engines }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartProblem);
  return (error as Error).message;
}

describe('a start that cannot be says why, and no password:', () => {
  it.each([
    [{ redisUrl: `http://user:${PASSWORD}@127.0.0.1:1` }, 'REDIS_URL cannot be read'],
    [{ redisUrl: PASSWORD }, 'REDIS_URL cannot be read'],
    [{ databaseUrl: `mysql://user:${PASSWORD}@127.0.0.1:1/harbour` }, 'DATABASE_URL cannot be read'],
    [{ databaseUrl: `postgresql://user:${PASSWORD}@127.0.0.1:port/harbour` }, 'DATABASE_URL cannot be read'],
    [{ databaseUrl: `postgresql://user:${PASSWORD}@127.0.0.1:1/harbour` }, 'Is PostgreSQL running?'],
    [{ databaseUrl: `postgresql://user:${PASSWORD}@nowhere.invalid/harbour` }, 'The host of DATABASE_URL is not known'],
  ])('%j', async (engines, advice) => {
    const said = await problem(engines);
    expect(said).toContain(advice);
    expect(said).not.toContain(PASSWORD);
  });

  it('a database that does not exist', async () => {
    if (!postgres) return;
    const databaseUrl = postgres.url.replace('/postgres?', '/harbour?');
    expect(await problem({ databaseUrl })).toContain('createdb harbour');
  });

  it('a Redis that would drop locks when it is full', async () => {
    if (!hasRedis) return;
    const { url } = await startRedis('--maxmemory-policy', 'allkeys-lru');
    expect(await problem({ redisUrl: url })).toContain('maxmemory-policy noeviction');
  });

  it('settings that are none', () => {
    for (const env of [{ PORT: 'http' }, { PORT: '70000' }, { WORKERS: '-1' }, { TRUST_PROXY: 'true' }]) {
      expect(() => readSettings(env)).toThrow(StartProblem);
    }
    expect(() => secretsOf({ MFA_SECRET: 'x'.repeat(32) }, undefined)).toThrow('COOKIE_SECRET and MFA_SECRET');
  });

  // In processes of their own: the client of Redis does not recognise errors of the system in Jest's world.
  it.each([
    ['a Redis that is not there', async (): Promise<string | undefined> => '127.0.0.1:1', 'Is Redis running?'],
    [
      'a host that is not there',
      async (): Promise<string | undefined> => 'nowhere.invalid',
      'The host of REDIS_URL is not known',
    ],
    ['a Redis with another password', locked, 'does not let us in'],
  ] as const)('%s, on the terminal, without a stack trace', async (_what, place, advice) => {
    const at = await place();
    if (at === undefined) return;
    const { code, said } = await runs('server', { REDIS_URL: `redis://:${PASSWORD}@${at}` });
    expect(code).toBe(1);
    expect(said).toContain(advice);
    expect(said).not.toMatch(/\n {4}at |hunter2/);
  });

  async function locked(): Promise<string | undefined> {
    if (!hasRedis) return undefined;
    const { port, url } = await startRedis();
    const client = createClient({ url });
    await client.connect();
    await client.configSet('requirepass', 'another');
    client.destroy();
    return `127.0.0.1:${port}`;
  }
});

describe('the database', () => {
  it('is made by several that start at once', async () => {
    if (!postgres) return;
    const admin = new pg.Pool({ connectionString: postgres.url, max: 1 });
    await admin.query('CREATE DATABASE together');
    await admin.end();
    const databaseUrl = postgres.url.replace('/postgres?', '/together?');
    const opened = await Promise.all([1, 2, 3, 4].map(() => openStorage({ file, databaseUrl })));
    await Promise.all(opened.map(({ close }) => close()));
    expect(opened.map(({ told }) => told)).toContain('everything in PostgreSQL');
  });

  it('answers 503 words while it is off, and works again', async () => {
    if (!postgres) return;
    const { database, close } = await openStorage({ file, databaseUrl: postgres.url });
    const said = jest.spyOn(console, 'error').mockReturnValue(undefined);
    await postgres.power.off();
    await expect(database.rows('SELECT 1 AS one')).rejects.toMatchObject({ status: 503 });
    await postgres.power.on();
    expect(await database.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(said.mock.calls.flat().join()).not.toMatch(/postgres(ql)?:\/\//);
    said.mockRestore();
    await close();
  }, 60_000);
});

describe.each(['carrier-a', 'carrier-b', 'carrier-c'])('the developer inbox, %s', (name) => {
  const database = openSqlite(':memory:');
  const { carriers, flashCalls, letters } = createMailbox(
    database,
    Date.now,
    trialAccount('a secret of the trial carriers'),
  );
  const delivery = [...carriers.deliveries, flashCalls].find((one) => one.name === name) as Delivery;
  let number = 100;
  const cases = deliveryContract({
    create: () => delivery,
    destination: () => `+121255501${number++}`,
    async arrived(to) {
      return (await letters()).find((letter) => letter.to === to)?.code;
    },
  });
  for (const { name: what, run } of cases) it(what, () => run());
});
