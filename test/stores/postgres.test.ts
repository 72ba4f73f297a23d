import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Commit, Store } from '../../src/core/store.js';
import { migrate, postgresStore } from '../../src/stores/postgres.js';
import { poolThat } from '../support/postgres-pool.js';
import { ownPostgres, postgresServer } from '../support/postgres-server.js';

const server = await postgresServer();
const describeIf = server ? describe : describe.skip;
const pools: pg.Pool[] = [];
let schemas = 0;
let schema: string;
let pool: pg.Pool;
let store: Store;

function poolOf(options: pg.PoolConfig = {}, url = server?.url): pg.Pool {
  const made = new pg.Pool({ connectionString: url, max: 4, ...options });
  made.on('error', () => undefined);
  pools.push(made);
  return made;
}

beforeEach(async () => {
  schemas += 1;
  schema = `mfa_store_${process.pid}_${schemas}`;
  pool = poolOf();
  if (server) await migrate(pool, { schema });
  store = postgresStore({ pool, schema });
});

afterEach(async () => {
  if (server) await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await Promise.all(pools.splice(0).map((each) => each.end()));
});

afterAll(() => server?.close());

/** Fails the first so many commits as the server would. */
function failing(code: string, times: number) {
  let tries = 0;
  const flaky = poolThat(pool, ({ text }) => {
    if (!text.includes('mfa_commit')) return;
    tries += 1;
    if (tries <= times) throw Object.assign(new Error('could not serialize access to relation secret'), { code });
  });
  return { flaky: postgresStore({ pool: flaky, schema }), tries: () => tries };
}

/** Takes the owner's lock and keeps it until `free`. */
async function lockOn(owner: string) {
  const client = await poolOf().connect();
  await client.query('BEGIN');
  await client.query(`SELECT ${schema}.mfa_lock_1($1, 0)`, [owner]);
  return {
    client,
    async free() {
      await client.query('ROLLBACK');
      client.release();
    },
  };
}

/** Resolves when so many statements of this schema wait for a lock. */
async function untilWaiting(many: number): Promise<void> {
  const text = `SELECT count(*)::integer AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`;
  for (let waiting = 0; waiting < many; ) {
    waiting = Number((await pool.query(text, [`%${schema}%`])).rows[0].waiting);
  }
}

const unavailable = expect.objectContaining({ code: 'unavailable', status: 503 });
const BUMP: Commit = { writes: [{ do: 'bump', kind: 'epoch', id: 'e' }] };
const epochOf = async (owner = 'ada') => (await store.read(owner, [{ kind: 'epoch' }]))[0]?.[0]?.mark;

describeIf('every verb is one round trip', () => {
  it('for a commit with everything in it, a read, a search and a row of the log', async () => {
    const asked: string[] = [];
    const counted = postgresStore({ pool: poolThat(pool, ({ text }) => asked.push(text)), schema });
    await counted.ping();
    const log = [{ id: 'row', at: 1, type: 't', owner: 'ada', data: null }];
    const verbs = [
      () => counted.commit('ada', { ...BUMP, log, hits: [{ key: 'k', limit: 1 }], reads: [{ kind: 'epoch' }] }),
      () => counted.commit('ada', { writes: [{ do: 'check', kind: 'x', id: 'x', if: 'present' }] }),
      () => counted.read('ada', [{ kind: 'epoch' }, { kind: 'x' }]),
      () => counted.scan({ types: ['a', 'b', 'c'] }),
      () => counted.append(log),
      () => counted.forget('ada'),
    ];
    for (const verb of verbs) {
      asked.length = 0;
      await verb();
      expect(asked).toHaveLength(1);
    }
  });
});

describeIf('X07 a commit that the server took back', () => {
  it.each(['40001', '40P01'])('with %s is tried again, three times and no more', async (code) => {
    const lucky = failing(code, 3);
    expect(await lucky.flaky.commit('ada', BUMP)).toMatchObject({ ok: true });
    expect([lucky.tries(), await epochOf()]).toEqual([4, 1]);

    const unlucky = failing(code, 4);
    const error: unknown = await unlucky.flaky.commit('ada', BUMP).catch((reason: unknown) => reason);
    expect(error).toEqual(unavailable);
    expect(String(error)).not.toMatch(/secret|serialize/);
    expect([unlucky.tries(), await epochOf()]).toEqual([4, 1]);
  });

  it('is not tried again when the connection broke: it may have been done', async () => {
    const broken = failing('ECONNRESET', 1);
    await expect(broken.flaky.commit('ada', BUMP)).rejects.toEqual(unavailable);
    expect(broken.tries()).toBe(1);
  });

  it('by a real deadlock happens once all the same', async () => {
    const log = [{ id: 'row', at: 1, type: 't', data: null }];
    const other = await poolOf().connect();
    await other.query('BEGIN');
    await other.query(`INSERT INTO ${schema}.mfa_log VALUES ('row', 1, 't', NULL, NULL, 'null')`);
    const quick = poolOf({ options: '-c deadlock_timeout=10ms' });
    const committing = postgresStore({ pool: quick, schema, timeoutMs: 20_000 }).commit('ada', { ...BUMP, log });
    try {
      await untilWaiting(1);
      // Ours has the owner and waits for the row; this has the row and waits for the owner.
      await other.query(`SELECT ${schema}.mfa_lock_1('ada', 0)`);
    } finally {
      await other.query('ROLLBACK');
      other.release();
    }
    expect(await committing).toMatchObject({ ok: true });
    expect([await epochOf(), (await store.scan({})).rows.length]).toEqual([1, 1]);
  });
});

describeIf('X01 when the database cannot do it', () => {
  it('throws `unavailable` while all connections are in use, and works again after', async () => {
    const narrow = poolOf({ max: 1 });
    const client = await narrow.connect();
    // Only now: a slow machine may need longer for the first connection.
    Object.assign(narrow.options, { connectionTimeoutMillis: 20 });
    const starved = postgresStore({ pool: narrow, schema });
    const verbs = [
      () => starved.read('ada', [{ kind: 'epoch' }]),
      () => starved.commit('ada', BUMP),
      () => starved.append([{ id: 'row', at: 1, type: 't', data: null }]),
      () => starved.scan({}),
      () => starved.sweep(),
      () => starved.forget('ada'),
      () => starved.ping(),
    ];
    for (const verb of verbs) await expect(verb()).rejects.toEqual(unavailable);
    client.release();
    expect(await starved.commit('ada', BUMP)).toMatchObject({ ok: true });
  });

  it('waits for a connection no longer than `timeoutMs`, whatever the pool would, and does nothing later', async () => {
    const narrow = poolOf({ max: 1 });
    const client = await narrow.connect();
    const starved = postgresStore({ pool: narrow, schema, timeoutMs: 20 });
    await expect(starved.commit('ada', BUMP)).rejects.toMatchObject({ code: 'unavailable', message: /POOL_EXHAUSTED/ });
    client.release();
    // The pool is fair: whoever asks now comes after the one that gave up.
    (await narrow.connect()).release();
    expect(await epochOf()).toBeUndefined();
    expect(await postgresStore({ pool: narrow, schema }).commit('ada', BUMP)).toMatchObject({ ok: true });
  });

  it('outlives a connection that breaks while it is at work, at any isolation level', async () => {
    for (const options of [{}, { options: '-c default_transaction_isolation=serializable' }]) {
      const breaking = poolOf(options);
      const waiting = postgresStore({ pool: breaking, schema });
      await waiting.commit('bob', BUMP);
      const sockets: { destroy(): void }[] = [];
      breaking.on('acquire', (client) => {
        sockets.push((client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream);
      });
      const lock = await lockOn('ada');
      const committing = waiting.commit('ada', BUMP).catch((reason: unknown) => reason);
      await untilWaiting(1);
      for (const socket of sockets) socket.destroy();
      expect(await committing).toEqual(unavailable);
      await lock.free();
      expect(await waiting.commit('bob', BUMP)).toMatchObject({ ok: true });
    }
  });

  it('throws `unavailable` when another holds the owner for too long; other owners and readers do not wait', async () => {
    const impatient = postgresStore({ pool, schema, timeoutMs: 20 });
    await store.commit('ada', BUMP);
    const lock = await lockOn('ada');
    await expect(impatient.commit('ada', BUMP)).rejects.toEqual(unavailable);
    await expect(impatient.forget('ada')).rejects.toEqual(unavailable);
    expect(await store.commit('bob', BUMP)).toMatchObject({ ok: true });
    expect(await epochOf()).toBe(1);
    await lock.free();
    expect(await store.commit('ada', BUMP)).toMatchObject({ ok: true });
    expect(await epochOf()).toBe(2);
  });

  it('throws `unavailable` at the statement_timeout of the pool, and nothing was done', async () => {
    const strict = postgresStore({ pool: poolOf({ statement_timeout: 20 }), schema });
    await strict.ping();
    const lock = await lockOn('ada');
    await expect(strict.commit('ada', BUMP)).rejects.toMatchObject({ code: 'unavailable', message: /57014/ });
    await lock.free();
    expect(await epochOf()).toBeUndefined();
  });

  it('throws `unavailable` without the words of the driver where nobody listens', async () => {
    const gone = poolOf({ connectionString: 'postgresql://user:hunter2@127.0.0.1:1/secret' });
    const error: unknown = await postgresStore({ pool: gone })
      .read('ada', [])
      .catch((reason: unknown) => reason);
    expect(error).toEqual(unavailable);
    expect(JSON.stringify([String(error), error])).not.toMatch(/hunter2|127\.0\.0\.1|secret/);
  });

  it('throws after it is closed, and leaves the pool to the host', async () => {
    await store.close();
    await expect(store.read('ada', [{ kind: 'x' }])).rejects.toEqual(unavailable);
    await expect(store.ping()).rejects.toEqual(unavailable);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('refuses a server that is only a replica', async () => {
    const replica = poolThat(pool, ({ text }) => {
      if (text.includes('mfa_read')) throw Object.assign(new Error('a read replica'), { code: 'MFA03' });
    });
    await expect(postgresStore({ pool: replica, schema }).read('ada', [])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/primary/),
    });
  });

  it('comes back with the server, and what was committed is there', async () => {
    const own = await ownPostgres();
    if (typeof own === 'string') return;
    const ours = poolOf({ connectionTimeoutMillis: 1000 }, own.url);
    await migrate(ours);
    const lasting = postgresStore({ pool: ours });
    await lasting.commit('ada', BUMP);
    await own.power.off();
    await expect(lasting.commit('ada', BUMP)).rejects.toEqual(unavailable);
    await expect(lasting.read('ada', [{ kind: 'epoch' }])).rejects.toEqual(unavailable);
    await own.power.on();
    expect(await lasting.commit('ada', { ...BUMP, reads: [{ kind: 'epoch' }] })).toMatchObject({
      records: [[{ mark: 2 }]],
    });
    await ours.end();
    pools.splice(pools.indexOf(ours), 1);
    await own.close();
  });
});

describeIf('X07 at another isolation level', () => {
  it.each(['serializable', 'repeatable read'])(
    '%s by default, commits still see what the one before left',
    async (level) => {
      const quoted = level.replace(' ', '\\ ');
      const other = postgresStore({ pool: poolOf({ options: `-c default_transaction_isolation=${quoted}` }), schema });
      const put = (id: string): Commit => ({
        writes: [{ do: 'put', kind: 'device', id, data: null, atMost: 3 }],
        hits: [{ key: 'k', limit: 99 }],
      });
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, caller) => other.commit('ada', put(`${caller}`))),
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
      expect((await other.read('ada', [{ kind: 'device' }]))[0]).toHaveLength(3);
      expect((await other.scan({})).rows).toEqual([]);
      await other.forget('ada');
      expect(await other.sweep()).toEqual({ removed: 0 });
    },
  );
});

describeIf('X06 the time', () => {
  it('is the server’s, whatever this process takes it for', async () => {
    const [{ rows }, { now }] = [
      await pool.query('SELECT extract(epoch FROM now()) * 1000 AS at'),
      await store.commit('x', {}),
    ];
    expect(Math.abs(now - Number(rows[0].at))).toBeLessThan(60_000);
    const { now: then, ...put } = await store.commit('ada', {
      writes: [{ do: 'put', kind: 'x', id: 'a', data: null, ttlMs: 60_000 }],
      reads: [{ kind: 'x' }],
    });
    expect(put).toMatchObject({ records: [[{ createdAt: then, expiresAt: then + 60_000 }]] });
  });

  it('does not go back behind what this process has seen, unless by more than an hour', async () => {
    const ask = async (ahead: number) => {
      const { rows } = await pool.query(
        `SELECT ${schema}.mfa_now_1(t + $1) - t AS ahead FROM (SELECT ${schema}.mfa_now_1(0) AS t OFFSET 0) AS now`,
        [ahead],
      );
      return Number(rows[0].ahead);
    };
    expect(await ask(600_000)).toBe(600_000);
    expect(await ask(3_700_000)).toBeLessThan(60_000);

    const seen: unknown[] = [];
    const watched = postgresStore({ pool: poolThat(pool, ({ values }) => seen.push(values?.[1])), schema });
    const { now } = await watched.commit('ada', {});
    await watched.read('ada', []);
    expect(seen.at(-1)).toBe(now);
  });
});
