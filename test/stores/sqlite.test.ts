import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'libsql';
import type { LogQuery, Store } from '../../src/core/store.js';
import { type SqliteHandle, type SqliteStoreOptions, sqliteStore } from '../../src/stores/sqlite.js';

let folder: string;
let path: string;
let open: Store[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'express-mfa-'));
  path = join(folder, 'mfa.db');
  open = [];
});

afterEach(async () => {
  for (const store of open) await store.close();
  await rm(folder, { recursive: true, force: true });
});

function storeOf(options: SqliteStoreOptions = { path }): Store {
  const store = sqliteStore(options);
  open.push(store);
  return store;
}

const unavailable = expect.objectContaining({ code: 'unavailable', status: 503 });
const wrongSetUp = (advice: RegExp) =>
  expect.objectContaining({ code: 'set_up', message: expect.stringMatching(advice) });

describe('the sqlite store keeps', () => {
  it('everything when the file is closed and opened again', async () => {
    const first = storeOf();
    await first.commit('ada', {
      hits: [{ key: 'lock', limit: 1 }],
      writes: [
        { do: 'put', kind: 'factor', id: 'a', data: { sealed: 'x' } },
        { do: 'raise', kind: 'factor', id: 'a', to: 57_000_000 },
        { do: 'put', kind: 'challenge', id: 'c', data: null, ttlMs: 3_600_000 },
      ],
      log: [{ id: 'row', at: 1, type: 't', owner: 'ada', epoch: 2, data: { ip: '::1' } }],
    });
    const refs = [{ kind: 'factor' }, { kind: 'challenge' }];
    const [records, rows] = [await first.read('ada', refs), await first.scan({})];
    await first.close();

    const second = storeOf();
    expect(await second.read('ada', refs)).toEqual(records);
    expect(await second.scan({})).toEqual(rows);
    expect(await second.commit('ada', { hits: [{ key: 'lock', limit: 1 }] })).toMatchObject({
      ok: false,
      reason: 'limit',
    });
    expect(
      await second.commit('ada', { writes: [{ do: 'raise', kind: 'factor', id: 'a', to: 57_000_000 }] }),
    ).toMatchObject({ ok: false, reason: 'condition' });
  });

  it('nothing beyond the process in `:memory:`, and says so', async () => {
    expect(storeOf({ path: ':memory:' }).volatile).toBe(true);
    expect(storeOf().volatile).toBe(false);
  });

  it('more expired records than fit one sweep from staying', async () => {
    const clock = { now: 1_800_000_000_000 };
    const store = storeOf({ path, clock: () => clock.now });
    const put = (id: string) => ({ do: 'put', kind: 'x', id, data: null, ttlMs: 1000 }) as const;
    await store.commit('ada', { writes: Array.from({ length: 2500 }, (_, index) => put(`${index}`)) });
    clock.now += 1000;
    expect(await store.sweep()).toEqual({ removed: 2500 });
  });

  it('no record alive that had expired before the clock was set back', async () => {
    const clock = { now: 1_800_000_000_000 };
    const store = storeOf({ path, clock: () => clock.now });
    await store.commit('ada', { writes: [{ do: 'put', kind: 'x', id: 'a', data: null, ttlMs: 1000 }] });
    clock.now += 1000;
    await store.commit('ada', {});
    clock.now -= 600_000;
    expect(await store.read('ada', [{ kind: 'x' }])).toEqual([[]]);
  });
});

describe('X01 when the database cannot be used', () => {
  it('throws `unavailable` while another holds the write lock, and works again after', async () => {
    const store = storeOf({ path, busyTimeoutMs: 1 });
    await store.ping();
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    const writes = [
      () => store.commit('ada', {}),
      () => store.append([{ id: 'row', at: 1, type: 't', data: null }]),
      () => store.forget('ada'),
      () => store.sweep(),
    ];
    for (const write of writes) await expect(write()).rejects.toEqual(unavailable);
    // WAL: readers do not wait for a writer.
    expect(await store.read('ada', [{ kind: 'x' }, { kind: 'y' }])).toEqual([[], []]);
    other.exec('ROLLBACK');
    other.close();
    expect(await store.commit('ada', {})).toMatchObject({ ok: true });
    expect((await store.scan({})).rows).toEqual([]);
  });

  it('throws `unavailable` when a file that is locked from the start cannot be set up, and tries again later', async () => {
    const other = new Database(path);
    other.exec('BEGIN EXCLUSIVE');
    const store = storeOf({ path, busyTimeoutMs: 1 });
    await expect(store.ping()).rejects.toEqual(unavailable);
    other.exec('ROLLBACK');
    other.close();
    await store.ping();
  });

  it('throws `unavailable` without the words of the database when its tables are gone', async () => {
    const store = storeOf();
    await store.ping();
    const other = new Database(path);
    other.exec('DROP TABLE mfa_records');
    other.close();
    const error: unknown = await store.read('ada', [{ kind: 'x' }]).catch((reason: unknown) => reason);
    expect(error).toEqual(unavailable);
    expect(String(error)).not.toMatch(/mfa_records|SELECT/);
  });

  it('takes back the whole commit when a statement fails half-way', async () => {
    const database = new Database(path);
    const failing = handleThat(database, (sql) => {
      if (sql.startsWith('INSERT INTO mfa_log')) throw Object.assign(new Error('disk'), { code: 'SQLITE_FULL' });
    });
    const store = storeOf({ database: failing });
    const step = { writes: [{ do: 'bump', kind: 'epoch', id: 'e' } as const] };
    const log = [{ id: 'row', at: 1, type: 't', data: null }];
    await expect(store.commit('ada', { ...step, log })).rejects.toEqual(unavailable);
    expect(await store.read('ada', [{ kind: 'epoch' }])).toEqual([[]]);
    expect(await store.commit('ada', step)).toMatchObject({ ok: true });
    database.close();
  });

  it('throws after it is closed, instead of saying that nothing is there', async () => {
    const store = storeOf();
    await store.ping();
    await store.close();
    await expect(store.read('ada', [{ kind: 'x' }])).rejects.toEqual(unavailable);
    await expect(store.ping()).rejects.toEqual(unavailable);
    await store.close();
  });
});

describe('while another writes', () => {
  /** Somebody who has the write lock. */
  async function writing() {
    const store = storeOf();
    await store.ping();
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    return {
      store,
      over() {
        other.exec('COMMIT');
        other.close();
      },
    };
  }

  it('a commit waits without holding up its process, and is done when the other is', async () => {
    const { store, over } = await writing();
    const committing = store.commit('ada', { hits: [{ key: 'k', limit: 1 }] });
    // Only a thread that is free gets here before the time is over, and lets the other end.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    over();
    expect(await committing).toMatchObject({ ok: true });
  });

  it('what was called first is done first', async () => {
    const { store, over } = await writing();
    const done: string[] = [];
    const calls = ['a', 'b', 'c', 'd'].map((key) =>
      store.commit('ada', { hits: [{ key, limit: 1 }] }).then(() => done.push(key)),
    );
    await new Promise((resolve) => setTimeout(resolve, 1));
    over();
    await Promise.all(calls);
    expect(done).toEqual(['a', 'b', 'c', 'd']);
  });

  it('one that starts on a file that is made has not to wait', async () => {
    const { over } = await writing();
    const started = storeOf();
    expect(await started.read('ada', [{ kind: 'x' }])).toEqual([[]]);
    over();
  });
});

describe('set-up', () => {
  it('asks for a path or a database, and not both', () => {
    const database = new Database(':memory:');
    expect(() => sqliteStore({})).toThrow(wrongSetUp(/path/));
    expect(() => sqliteStore({ path: '' })).toThrow(wrongSetUp(/path/));
    expect(() => sqliteStore({ path, database })).toThrow(wrongSetUp(/not both/));
    database.close();
  });

  it('touches no file before first use', () => {
    storeOf();
    expect(existsSync(path)).toBe(false);
  });

  it('tells when the folder is not there', async () => {
    const store = storeOf({ path: join(folder, 'missing', 'mfa.db') });
    await expect(store.ping()).rejects.toEqual(wrongSetUp(/folder/));
  });

  it('refuses a file that a newer version made', async () => {
    const first = storeOf();
    await first.ping();
    const other = new Database(path);
    other.exec('INSERT INTO mfa_schema (version) VALUES (999)');
    other.close();
    await expect(storeOf().ping()).rejects.toEqual(wrongSetUp(/newer/));
  });

  it('shares a handle with the host, whose tables and `user_version` it leaves alone', async () => {
    const database = new Database(path);
    database.exec('PRAGMA user_version = 42; CREATE TABLE records (id TEXT)');
    const store = storeOf({ database });
    await store.commit('ada', { writes: [{ do: 'bump', kind: 'epoch', id: 'e' }] });
    await store.close();
    expect(database.prepare('PRAGMA user_version').all()).toMatchObject([{ user_version: 42 }]);
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
    expect(tables.map(({ name }) => name).filter((name) => !name.startsWith('mfa_'))).toEqual(['records']);
    database.close();
  });

  it('keeps every commit over a power cut: WAL, with a sync for each', async () => {
    const database = new Database(path);
    await storeOf({ database }).ping();
    expect(database.prepare('PRAGMA journal_mode').all()).toMatchObject([{ journal_mode: 'wal' }]);
    expect(database.prepare('PRAGMA synchronous').all()).toMatchObject([{ synchronous: 2 }]);
    database.close();
  });
});

describe('names', () => {
  it('that look like SQL do nothing but name', async () => {
    const store = storeOf();
    const evil = "x'; DROP TABLE mfa_records; DELETE FROM mfa_log WHERE '1'='1";
    await store.commit('ada', { writes: [{ do: 'bump', kind: 'epoch', id: 'e' }] });
    await store.commit(evil, {
      hits: [{ key: evil, limit: 9 }],
      writes: [{ do: 'put', kind: evil, id: evil, data: evil }],
      counters: [{ do: 'clear', prefix: evil }],
      log: [{ id: evil, at: 1, type: evil, owner: evil, data: evil }],
    });
    expect((await store.read(evil, [{ kind: evil, id: evil }]))[0]?.[0]).toMatchObject({
      kind: evil,
      id: evil,
      data: evil,
    });
    expect((await store.scan({ owner: evil, types: [evil, "' OR ''='"] })).rows).toHaveLength(1);
    await store.forget("' OR ''='");
    expect((await store.read('ada', [{ kind: 'epoch' }]))[0]).toHaveLength(1);
  });

  it('with NUL and half letters come back as they were', async () => {
    const store = storeOf();
    for (const name of ['a\0b', 'a\\0000b', '\ud800', '\\', '']) {
      await store.commit(name, { writes: [{ do: 'put', kind: 'x', id: name, data: null }] });
      expect((await store.read(name, [{ kind: 'x' }]))[0]?.map(({ id }) => id)).toEqual([name]);
    }
  });
});

describe('searching the log', () => {
  const searches: readonly (readonly [name: string, query: LogQuery, index: string])[] = [
    ['by nothing', {}, 'mfa_log_at'],
    ['by time', { from: 1, to: 9 }, 'mfa_log_at'],
    ['by owner', { owner: 'ada' }, 'mfa_log_owner'],
    ['by owner, type and time', { owner: 'ada', types: ['a', 'b'], from: 1 }, 'mfa_log_owner'],
    ['by type', { types: ['a'] }, 'mfa_log_type'],
    ['by several types and time', { types: ['a', 'b'], to: 9 }, 'mfa_log_type'],
    ['for bumps', { bumps: true, from: 1, order: 'asc' }, 'mfa_log_bumps'],
  ];

  it.each(searches)('%s reads rows in order from an index', async (_, query, index) => {
    const database = new Database(path);
    const asked: string[] = [];
    const store = storeOf({ database: handleThat(database, (sql) => void asked.push(sql)) });
    await store.append([1, 2, 3].map((at) => ({ id: `${at}`, at, type: 'a', owner: 'ada', epoch: at, data: null })));
    const { next } = await store.scan({ ...query, limit: 1 });
    expect(next).toBeDefined();
    await store.scan({ ...query, limit: 1, ...(next === undefined ? {} : { cursor: next }) });
    const selects = new Set(asked.filter((sql) => sql.includes('FROM mfa_log')));
    expect(selects.size).toBe(2);
    for (const sql of selects) {
      const marks = sql.match(/\?/g)?.map(() => 1) ?? [];
      const plan = JSON.stringify(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...marks));
      expect(plan).toContain(`USING INDEX ${index}`);
      expect(plan).not.toContain('TEMP B-TREE');
    }
    database.close();
  });
});

/** The handle, telling `before` each statement that is about to be run. */
function handleThat(handle: SqliteHandle, before: (sql: string) => void): SqliteHandle {
  return {
    exec: (sql) => handle.exec(sql),
    close: () => handle.close(),
    prepare(sql) {
      const statement = handle.prepare(sql);
      return {
        run(...values) {
          before(sql);
          return statement.run(...values);
        },
        all(...values) {
          before(sql);
          return statement.all(...values);
        },
      };
    },
  };
}
