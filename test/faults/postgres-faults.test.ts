/** X07: what a PostgreSQL that runs can do to an app: wait, take commits back, have no connection left, be of another version. */
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { totp } from '../../src/index.js';
import { migrate, postgresStore } from '../../src/stores/postgres.js';
import { standing, waits } from '../support/guess.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { ownPostgres } from '../support/postgres-server.js';
import { expectUnavailable } from './support/crowd.js';
import { newPool } from './support/pool.js';

const found = await ownPostgres();
const server = typeof found === 'string' ? undefined : found;
if (typeof found === 'string') {
  if (process.env.CI) throw new Error(`Faults of PostgreSQL are not tested: ${found}`);
  process.stderr.write(`\n*** Faults of PostgreSQL are not tested: ${found} ***\n\n`);
}

const pools: pg.Pool[] = [];
/** Of whoever looks after the database. */
const admin = poolOf();
let schemas = 0;
let schema = '';

beforeEach(() => {
  schemas += 1;
  schema = `mfa_pg_faults_${schemas}`;
});
afterAll(async () => {
  for (const pool of pools) await pool.end();
  await server?.close();
});

function poolOf(more: pg.PoolConfig = {}): pg.Pool {
  const pool = newPool(server?.url ?? '', 1000, more);
  pools.push(pool);
  return pool;
}

function hostOn(pool: pg.Pool): TestHost {
  const store = postgresStore({ pool, schema, timeoutMs: 1000 });
  return createHost({ store, mfa: { factors: [totp()] } }, testClock(Date.now()));
}

/** Ada with an authenticator, her password given in a new browser. */
async function adaWaits(pool = poolOf()) {
  await migrate(admin, { schema });
  const host = hostOn(pool);
  const ada = await new Person(host, 'ada').enrolsTotp();
  host.clock.advance(60_000);
  return { host, ada, waiting: await waits(ada.elsewhere()) };
}

/** The server itself takes back so many commits that count a wrong answer. */
async function takesBack(commits: number, code: string): Promise<() => Promise<number>> {
  await admin.query(`CREATE SEQUENCE ${schema}.commits`);
  // What a sequence has counted no rollback takes back.
  await admin.query(`CREATE FUNCTION ${schema}.take_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('${schema}.commits') <= ${commits} THEN RAISE EXCEPTION 'hunter2' USING ERRCODE = '${code}'; END IF;
    RETURN NEW; END $$`);
  await admin.query(`CREATE TRIGGER take_back BEFORE INSERT OR UPDATE ON ${schema}.mfa_counters FOR EACH ROW
    WHEN (NEW.key LIKE 'wrong:%') EXECUTE FUNCTION ${schema}.take_back()`);
  return async () => Number((await admin.query(`SELECT last_value FROM ${schema}.commits`)).rows[0].last_value);
}

(server ? describe : describe.skip)('X07 through the app', () => {
  it.each(['40001', '40P01'])('%s: a code is taken when the third repetition succeeds', async (code) => {
    const { ada, waiting, host } = await adaWaits();
    await takesBack(3, code);
    await waiting.verify({ code: ada.code() }).expect(200);
    await waiting.get('/app').expect(200);
    expect(await standing(host, ada.user.id, 'totp')).toBe(0);
  });

  it.each(['40001', '40P01'])(
    '%s: after three repetitions it is 503, and nothing was counted or spent',
    async (code) => {
      const { ada, waiting, host } = await adaWaits();
      const tried = await takesBack(1000, code);
      const answer = await waiting.verify({ code: ada.code() });
      expectUnavailable(answer);
      expect(await tried()).toBe(4);
      expect(answer.text).not.toMatch(/hunter2|40001|40P01/);
      expect(String(host.errors.at(-1))).toContain(code);
      await waiting.get('/app').expect(401);
      await admin.query(`DROP TRIGGER take_back ON ${schema}.mfa_counters`);
      expect(await standing(host, ada.user.id, 'totp')).toBe(0);
      await waiting.verify({ code: ada.code() }).expect(200);
    },
  );

  it('statement_timeout: who is waited for gets 503, everybody else goes on', async () => {
    const { ada, waiting, host } = await adaWaits(poolOf({ statement_timeout: 100 }));
    const bob = await new Person(host, 'bob').enrolsTotp();
    const holder = await admin.connect();
    await holder.query('BEGIN');
    await holder.query(`SELECT ${schema}.mfa_lock_1($1, 0)`, [`u:${ada.user.id}`]);
    const answer = await waiting.verify({ code: ada.code() });
    host.clock.advance(30_000);
    const bobs = await waits(bob.elsewhere());
    await bobs.verify({ code: bob.code() }).expect(200);
    await holder.query('ROLLBACK');
    holder.release();
    expectUnavailable(answer);
    expect(String(host.errors[0])).toMatch(/57014|55P03/);
    await waiting.get('/app').expect(401);
    await waiting.verify({ code: ada.code() }).expect(200);
  });

  it('a pool with no connection left: 503, and what waited goes on when there is one', async () => {
    const pool = poolOf({ max: 2, connectionTimeoutMillis: 100 });
    const { ada, waiting } = await adaWaits(pool);
    const taken = await Promise.all([pool.connect(), pool.connect()]);
    const answers = await Promise.all([
      waiting.verify({ code: ada.code() }),
      waiting.get('/mfa/challenge'),
      ada.elsewhere().password(),
    ]);
    for (const client of taken) client.release();
    for (const answer of answers) expectUnavailable(answer);
    await waiting.get('/app').expect(401);
    await waiting.verify({ code: ada.code() }).expect(200);
  });

  it('no schema yet: nobody is let in, the host is told to migrate, and then it works without a restart', async () => {
    const host = hostOn(poolOf());
    const ada = new Person(host, 'ada');
    expectUnavailable(await ada.password());
    await ada.get('/app').expect(401);
    expect(String(host.errors[0])).toMatch(/migrate\(pool\)/);
    await migrate(admin, { schema });
    await ada.password().expect(302);
  });

  it('the next version’s schema under the present app: both go on, beside an app that starts on it', async () => {
    const { ada, waiting, host } = await adaWaits();
    const { rows } = await admin.query(`SELECT max(version) AS version FROM ${schema}.mfa_schema`);
    const present = Number(rows[0].version);
    await admin.query(`ALTER TABLE ${schema}.mfa_records ADD COLUMN region text DEFAULT 'eu'`);
    await admin.query(`INSERT INTO ${schema}.mfa_schema (version, works_from) VALUES ($1, $2)`, [present + 1, present]);
    await waiting.verify({ code: ada.code() }).expect(200);
    const started = hostOn(poolOf());
    started.users.set(ada.user.id, ada.user);
    started.clock.advance(host.clock() - started.clock() + 30_000);
    const there = Object.assign(new Person(started, 'ada'), { secret: ada.secret });
    await (await waits(there)).verify({ code: there.code() }).expect(200);
  });

  it('a schema too new for this version: an app that starts on it lets nobody in, and says what to do', async () => {
    const { ada } = await adaWaits();
    await admin.query(`INSERT INTO ${schema}.mfa_schema (version, works_from) VALUES (99, 98)`);
    const started = hostOn(poolOf());
    started.users.set(ada.user.id, ada.user);
    const there = new Person(started, 'ada');
    expectUnavailable(await there.password());
    await there.get('/app').expect(401);
    expect(String(started.errors[0])).toMatch(/newer than this library works with. Update express-mfa/);
  });

  it('a schema that is taken away under a running app: 503, never "no factor, so none needed"', async () => {
    const { ada, waiting, host } = await adaWaits();
    await migrate(admin, { schema, to: 0 });
    expectUnavailable(await waiting.verify({ code: ada.code() }));
    const there = ada.elsewhere();
    expectUnavailable(await there.password());
    await there.get('/app').expect(401);
    expectUnavailable(await there.password());
    expect(String(host.errors.at(-1))).toMatch(/migrate\(pool\)/);
  });
});
