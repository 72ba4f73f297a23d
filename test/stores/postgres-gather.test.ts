import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pool } from 'pg';
import type { LogRow } from '../../src/core/store.js';
import { gathered } from '../../src/stores/postgres/gather.js';
import { migrate, postgresStore } from '../../src/stores/postgres.js';
import { type PostgresServer, postgresServer } from '../support/postgres-server.js';

/** Calls that wait until they are let go. */
function held() {
  const calls: { readonly items: readonly string[]; end(error?: Error): void }[] = [];
  const call = (items: readonly string[]) =>
    new Promise<readonly string[]>((resolve, reject) => {
      calls.push({ items, end: (error) => (error ? reject(error) : resolve(items.map((item) => `for ${item}`))) });
    });
  return { calls, call };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const refusedValue = (error: unknown) => (error as Error).message === 'value';

describe('calls that are gathered', () => {
  it('wait for nobody while few are under way, and go together after that', async () => {
    const { calls, call } = held();
    const send = gathered(call, refusedValue);
    const sent = ['a', 'b', 'c', 'd', 'e'].map((item) => send([item]));
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b']]);
    calls[0]?.end();
    await settled();
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
    calls[1]?.end();
    calls[2]?.end();
    await Promise.all(sent);
  });

  it('give everybody the answers to their own', async () => {
    const { calls, call } = held();
    const send = gathered(call, refusedValue);
    const sent = [['a'], ['b'], ['c'], [], ['d', 'e'], ['f']].map((items) => send(items));
    calls[0]?.end();
    await settled();
    expect(calls.map(({ items }) => items)).toEqual([['a'], ['b'], ['c', 'd', 'e', 'f']]);
    calls[2]?.end();
    calls[1]?.end();
    expect(await Promise.all(sent)).toEqual([['for a'], ['for b'], ['for c'], [], ['for d', 'for e'], ['for f']]);
  });

  it('are not over before the one is that took them along', async () => {
    const { calls, call } = held();
    const send = gathered(call, refusedValue);
    const over: string[] = [];
    for (const item of ['a', 'b', 'c']) void send([item]).then(() => over.push(item));
    calls[0]?.end();
    await settled();
    expect(over).toEqual(['a']);
    calls[2]?.end();
    await settled();
    expect(over).toEqual(['a', 'c']);
  });

  it('fail together where the server was lost, and each for itself where one gave a wrong value', async () => {
    const { calls, call } = held();
    const send = gathered(call, refusedValue);
    const outcomes = Promise.allSettled(['a', 'b', 'c', 'd'].map((item) => send([item])));
    calls[0]?.end(new Error('lost'));
    await settled();
    calls[2]?.end(new Error('value'));
    await settled();
    expect(calls.at(-1)?.items).toEqual(['c']);
    calls[3]?.end(new Error('value'));
    await settled();
    calls[4]?.end();
    calls[1]?.end();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it('are split where one batch would grow too large, never inside what one caller gave', async () => {
    const { calls, call } = held();
    const send = gathered(call, refusedValue);
    const many = (count: number) => Array.from({ length: count }, () => 'x');
    for (const count of [1, 1, 400, 99, 2, 900]) void send(many(count));
    calls[0]?.end();
    calls[1]?.end();
    await settled();
    expect(calls.map(({ items }) => items.length)).toEqual([1, 1, 499, 2]);
    calls[2]?.end();
    await settled();
    expect(calls.at(-1)?.items).toHaveLength(900);
  });
});

describe('audit rows on PostgreSQL', () => {
  let server: PostgresServer | undefined;
  let pool: Pool;
  beforeAll(async () => {
    server = await postgresServer();
    if (!server) return;
    pool = new Pool({ connectionString: server.url });
    pool.on('error', () => undefined);
    await pool.query('DROP SCHEMA IF EXISTS gathered CASCADE');
    await pool.query('CREATE SCHEMA gathered');
    await migrate(pool, { schema: 'gathered' });
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await server?.close();
  });

  const row = (id: string, at = 1): LogRow => ({ id, at, type: 'challenge.passed', owner: 'u:ada', data: { id } });

  it('of many callers are in few statements, and each is there when its promise is kept', async () => {
    if (!server) return;
    let statements = 0;
    const counted = {
      connect: () => pool.connect(),
      query(...given: Parameters<Pool['query']>) {
        statements += 1;
        return pool.query(...given) as never;
      },
    };
    const store = postgresStore({ pool: counted as never, schema: 'gathered' });
    await store.ping();
    statements = 0;
    const other = new Pool({ connectionString: server.url, max: 4 });
    other.on('error', () => undefined);
    await Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        await store.append([row(`many-${n}`)]);
        const { rows } = await other.query('SELECT 1 FROM gathered.mfa_log WHERE id = $1', [`many-${n}`]);
        expect(rows).toHaveLength(1);
      }),
    );
    expect(statements).toBeLessThan(50);
    await other.end();
    await store.close();
  }, 60_000);

  it('of one caller are not lost for what another gave', async () => {
    if (!server) return;
    const store = postgresStore({ pool, schema: 'gathered' });
    await store.ping();
    const given = ['a', 'b', 'bad', 'c'].map((id) => store.append([row(`each-${id}`, id === 'bad' ? Number.NaN : 1)]));
    const outcomes = (await Promise.allSettled(given)).map(({ status }) => status);
    expect(outcomes).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const { rows } = await pool.query("SELECT id FROM gathered.mfa_log WHERE id LIKE 'each-%' ORDER BY id");
    expect(rows.map(({ id }) => id)).toEqual(['each-a', 'each-b', 'each-c']);
    await store.close();
  });
});
