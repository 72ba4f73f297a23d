import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate, type PostgresPool, postgresStore } from '../../src/stores/postgres.js';
import { postgresServer } from '../support/postgres-server.js';

const server = await postgresServer();
const describeIf = server ? describe : describe.skip;
const pool = new pg.Pool({ connectionString: server?.url, max: 4 });
pool.on('error', () => undefined);

let schemas = 0;
let schema: string;

beforeEach(() => {
  schemas += 1;
  schema = `mfa_migrations_${process.pid}_${schemas}`;
});

afterEach(async () => {
  if (server) await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
});

afterAll(async () => {
  await pool.end();
  await server?.close();
});

const setUp = (advice: RegExp) => expect.objectContaining({ code: 'set_up', message: expect.stringMatching(advice) });
const BUMP = {
  writes: [{ do: 'bump', kind: 'epoch', id: 'e' } as const],
  hits: [{ key: 'k', limit: Number.POSITIVE_INFINITY }],
};

/** Tables, indexes and functions of the schema. */
async function things(): Promise<readonly string[]> {
  const { rows } = await pool.query(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1)
     UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace($1) ORDER BY 1`,
    [schema],
  );
  return rows.map(({ name }) => String(name));
}

describeIf('migrate', () => {
  it('goes up, down to nothing, and up again', async () => {
    expect(await migrate(pool, { schema })).toEqual({ from: 0, to: 1 });
    const made = await things();
    expect(made).toEqual(
      expect.arrayContaining(['mfa_commit_1', 'mfa_counters', 'mfa_log', 'mfa_records', 'mfa_schema']),
    );
    expect(await migrate(pool, { schema, to: 0 })).toEqual({ from: 1, to: 0 });
    expect(await things()).toEqual([]);
    expect(await migrate(pool, { schema, to: 1 })).toEqual({ from: 0, to: 1 });
    expect(await things()).toEqual(made);
    expect(await postgresStore({ pool, schema }).commit('ada', BUMP)).toMatchObject({ ok: true });
  });

  it('changes nothing when there is nothing to do', async () => {
    await migrate(pool, { schema });
    await postgresStore({ pool, schema }).commit('ada', BUMP);
    expect(await migrate(pool, { schema })).toEqual({ from: 1, to: 1 });
    expect(await postgresStore({ pool, schema }).read('ada', [{ kind: 'epoch' }])).toMatchObject([[{ mark: 1 }]]);
  });

  it('is done or not: one that fails half-way leaves nothing', async () => {
    await pool.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.mfa_log (of_the_host text)`);
    await expect(migrate(pool, { schema })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await things()).toEqual(['mfa_log']);
  });

  it('by six callers at once is done once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => migrate(pool, { schema })));
    expect(answers.map(({ from }) => from).sort()).toEqual([0, 1, 1, 1, 1, 1]);
  });

  it('keeps two schemas of one database apart', async () => {
    await migrate(pool, { schema });
    const other = `${schema}_b`;
    await migrate(pool, { schema: other });
    await postgresStore({ pool, schema }).commit('ada', BUMP);
    expect(await postgresStore({ pool, schema: other }).read('ada', [{ kind: 'epoch' }])).toEqual([[]]);
    await pool.query(`DROP SCHEMA ${other} CASCADE`);
  });

  it('says which right is missing', async () => {
    const role = `${schema}_weak`;
    await pool.query(`CREATE SCHEMA ${schema}; CREATE ROLE ${role}; GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    const weak = new pg.Pool({ connectionString: server?.url, max: 1, options: `-c role=${role}` });
    await expect(migrate(weak, { schema })).rejects.toEqual(setUp(/may not make tables/));
    await weak.end();
    await pool.query(`DROP SCHEMA ${schema}; DROP ROLE ${role}`);
  });

  it('refuses versions that do not exist, and schema names that need quoting', async () => {
    for (const to of [-1, 2, 0.5, Number.NaN])
      await expect(migrate(pool, { schema, to })).rejects.toEqual(setUp(/from 0 to/));
    await expect(migrate(pool, { schema: 'a"b' })).rejects.toEqual(setUp(/schema/));
    expect(await things()).toEqual([]);
  });
});

describeIf('X07 the version of the schema', () => {
  it('is asked for at first use: advice where nothing was made, and no failure is remembered', async () => {
    const store = postgresStore({ pool, schema });
    for (const verb of [() => store.ping(), () => store.read('ada', []), () => store.commit('ada', BUMP)]) {
      await expect(verb()).rejects.toEqual(setUp(/await migrate\(pool\)/));
    }
    await migrate(pool, { schema });
    await store.ping();
  });

  it('may be one newer, as while a deployment goes on', async () => {
    await migrate(pool, { schema });
    await pool.query(`INSERT INTO ${schema}.mfa_schema (version, works_from) VALUES (2, 1)`);
    expect(await postgresStore({ pool, schema }).commit('ada', BUMP)).toMatchObject({ ok: true });
    expect(await migrate(pool, { schema })).toEqual({ from: 2, to: 2 });
    await expect(migrate(pool, { schema, to: 0 })).rejects.toEqual(setUp(/newer/));
  });

  it('grows by one while the store is at work: no commit fails or is lost', async () => {
    await migrate(pool, { schema });
    const old = postgresStore({ pool, schema });
    let isOver = false;
    const traffic = Array.from({ length: 2 }, async () => {
      let done = 0;
      for (; !isOver || done < 5; done += 1) expect(await old.commit('ada', BUMP)).toMatchObject({ ok: true });
      return done;
    });
    const next = await pool.connect();
    // What the rule for migrations allows the next one: a column with a default, a new name for a changed function.
    await next.query(`BEGIN;
      ALTER TABLE ${schema}.mfa_records ADD COLUMN shape integer NOT NULL DEFAULT 1;
      CREATE FUNCTION ${schema}.mfa_now_2() RETURNS bigint LANGUAGE sql AS 'SELECT ${schema}.mfa_now_1(0)';
      INSERT INTO ${schema}.mfa_schema (version, works_from) VALUES (2, 1);
      COMMIT`);
    next.release();
    isOver = true;
    const counted = (await Promise.all(traffic)).reduce((sum, done) => sum + done, 0);
    // One that starts now sees the new version, and works on it.
    const started = postgresStore({ pool, schema });
    expect(await started.commit('ada', BUMP)).toMatchObject({ counts: [{ count: counted + 1 }] });
    expect((await old.read('ada', [{ kind: 'epoch' }]))[0]?.[0]?.mark).toBe(counted + 1);
  });

  it('is refused where it is too new for this library', async () => {
    await migrate(pool, { schema });
    await pool.query(`INSERT INTO ${schema}.mfa_schema (version, works_from) VALUES (3, 2)`);
    await expect(postgresStore({ pool, schema }).ping()).rejects.toEqual(setUp(/newer/));
    await expect(migrate(pool, { schema })).rejects.toEqual(setUp(/newer/));
  });

  it('is asked for again when a running store finds its tables gone', async () => {
    await migrate(pool, { schema });
    const store = postgresStore({ pool, schema });
    await store.ping();
    await migrate(pool, { schema, to: 0 });
    await expect(store.commit('ada', BUMP)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.commit('ada', BUMP)).rejects.toEqual(setUp(/await migrate\(pool\)/));
    await migrate(pool, { schema });
    expect(await store.commit('ada', BUMP)).toMatchObject({ ok: true });
  });
});

describe('set-up', () => {
  it('asks for a pool and a plain schema name', () => {
    expect(() => postgresStore({ pool: undefined as unknown as PostgresPool })).toThrow(setUp(/pool/));
    for (const name of ['', 'a b', 'x"; DROP', 'ü', 'x'.repeat(64)]) {
      expect(() => postgresStore({ pool, schema: name })).toThrow(setUp(/schema/));
    }
  });

  it('takes a real pool, as a host that checks every declaration compiles it', async () => {
    const pathTo = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
    const compile = [pathTo('node_modules/typescript7/bin/tsc'), '-p', pathTo('test/consumers/fixtures/postgres-pool')];
    const outcome = promisify(execFile)(process.execPath, compile).catch(({ stdout }: { stdout: string }) => ({
      stdout,
    }));
    expect((await outcome).stdout).toBe('');
  });
});
