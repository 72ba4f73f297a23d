import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import type { Commit } from '../../src/core/store.js';
import { type RedisStoreOptions, redisStore } from '../../src/stores/redis.js';
import { type ConnectedRedis, redisClient } from '../support/redis-client.js';
import { hasRedis, startRedis, stopRedis, until } from '../support/redis-server.js';

const describeRedis = hasRedis ? describe : describe.skip;
const HOUR = 3_600_000;
const BUSY: Commit = {
  hits: [
    { key: 'tries', limit: 99 },
    { key: 'sends', limit: 99, windowMs: HOUR },
  ],
  writes: [
    { do: 'put', kind: 'enrolment', id: 'totp', data: { sealed: 'x' } },
    { do: 'put', kind: 'challenge', id: 'c', data: null, ttlMs: HOUR },
    { do: 'bump', kind: 'epoch', id: 'e' },
  ],
  reads: [{ kind: 'enrolment' }, { kind: 'challenge', id: 'c' }],
};

let url: string;
let client: ConnectedRedis;

/** A store of its own on the common server, and the keys it has there. */
function open(options: Partial<RedisStoreOptions> = {}) {
  const prefix = options.prefix ?? `${randomUUID()}:`;
  const store = redisStore({ client, prefix, ...options });
  const keys = async () => (await client.keys(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();
  return { store, prefix, keys };
}

beforeAll(async () => {
  if (!hasRedis) return;
  url = (await startRedis()).url;
  client = await redisClient(url);
});
afterAll(async () => {
  client?.destroy();
  await stopRedis();
});

describeRedis('one commit', () => {
  it('is one round trip, with its reads, its counts and its log rows; a read is one too', async () => {
    const { store } = open();
    await store.commit('ada', {});
    const commands: string[] = [];
    const watcher = await redisClient(url);
    await watcher.monitor((line) => void commands.push(String(line)));
    for (let row = 0; row < 3; row++) {
      await store.commit('ada', { ...BUSY, log: [{ id: `${row}`, at: row, type: 't', owner: 'ada', data: null }] });
    }
    await store.read('ada', [{ kind: 'enrolment' }, { kind: 'epoch' }]);
    await client.echo('that was all');
    await until(async () => commands.some((line) => line.includes('that was all')));
    watcher.destroy();
    const fromClients = commands.filter((line) => !line.includes(' lua]') && !line.includes('that was all'));
    expect(fromClients.map((line) => /"(\w+)"/.exec(line)?.[1]?.toUpperCase())).toEqual(Array(4).fill('EVALSHA'));
  });

  it('sends the script again to a server that has forgotten it', async () => {
    const { store } = open();
    await store.commit('ada', BUSY);
    await client.sendCommand(['SCRIPT', 'FLUSH']);
    expect(await store.commit('ada', BUSY)).toMatchObject({ ok: true, counts: [{ count: 2 }, { count: 2 }] });
  });

  it('does nothing at all where the server finds other things under our keys', async () => {
    const { store, prefix } = open();
    await client.set(`${prefix}{o:ada}:e`, 'not a sorted set');
    await expect(store.commit('ada', BUSY)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await client.keys(`${prefix}*`)).toEqual([`${prefix}{o:ada}:e`]);
  });

  it('takes no number that is none', async () => {
    const { store } = open();
    await expect(store.commit('ada', { hits: [{ key: 'k', limit: Number.NaN }] })).rejects.toThrow(TypeError);
    await expect(store.commit('ada', { hits: [{ key: 'k', limit: 9, windowMs: Number.NaN }] })).rejects.toThrow(
      TypeError,
    );
    expect(await store.commit('ada', { hits: [{ key: 'k', limit: Number.POSITIVE_INFINITY }] })).toMatchObject({
      ok: true,
    });
  });
});

describeRedis('the keys', () => {
  it('of an owner have one tag, and say what they hold', async () => {
    const { store, keys } = open();
    await store.commit('a:{b} c', {
      ...BUSY,
      log: [{ id: '1', at: 1, type: 't', owner: 'a:{b} c', epoch: 1, data: null }],
    });
    const own = '{o:a%3A%7Bb%7D%20c}';
    expect(await keys()).toEqual(
      [
        ...['c', 'e', 'k', 'n', 'r:enrolment', 'r:epoch', 't:challenge', 'w'].map((rest) => `${own}:${rest}`),
        ...['all', 'bumps', 'owner:a:{b} c', 'rows', 'type:t'].map((rest) => `{log}:${rest}`),
      ].sort(),
    );
  });

  it('X06 all expire, but for durable records, counters without an end and the log', async () => {
    const { store, prefix, keys } = open();
    for (let round = 0; round < 200; round++) {
      const id = `${round % 7}`;
      const hit = { key: id, limit: 9, ...(round % 3 ? { windowMs: HOUR } : {}) };
      const writes = [
        { do: 'put', kind: `k${round % 3}`, id, data: round, ...(round % 2 ? { ttlMs: HOUR } : {}) },
      ] as const;
      await store.commit(`user ${round % 5}`, { writes, hits: [hit] });
      await store.commit(`user ${round % 5}`, { counters: [{ do: 'settle', key: id, upTo: Number.MAX_SAFE_INTEGER }] });
    }
    const left = [];
    for (const key of await keys()) {
      if ((await client.pTTL(prefix + key)) < 0) left.push(key.replace(/.*\}:/, ''));
    }
    // The last is the index of the durable kinds: it goes with them.
    expect(new Set(left)).toEqual(new Set(['r:k0', 'r:k1', 'r:k2', 'k']));
  });

  it('are gone with the last thing in them, without anybody sweeping', async () => {
    const { store, keys } = open();
    await store.commit('ada', {
      writes: [{ do: 'put', kind: 'x', id: 'a', data: null, ttlMs: 1 }],
      hits: [{ key: 'k', limit: 9, windowMs: 1 }],
    });
    await until(async () => (await keys()).join() === '{o:ada}:c');
    await store.commit('ada', { writes: [{ do: 'put', kind: 'x', id: 'b', data: null }] });
    await store.commit('ada', { writes: [{ do: 'delete', kind: 'x' }] });
    expect(await keys()).toEqual(['{o:ada}:c']);
  });

  it('do not keep what has expired because something beside it lives', async () => {
    const { store, prefix } = open();
    const put = (id: string, ttlMs: number) => ({ do: 'put', kind: 'x', id, data: null, ttlMs }) as const;
    await store.commit('ada', { writes: Array.from({ length: 100 }, (_, id) => put(`${id}`, 5)) });
    await until(async () => {
      await store.commit('ada', { writes: [put('alive', HOUR)] });
      return (await client.hLen(`${prefix}{o:ada}:t:x`)) === 1 && (await client.zCard(`${prefix}{o:ada}:e`)) === 1;
    });
  });

  it('are nobody else’s: another prefix sees, sweeps and forgets nothing of them', async () => {
    const [one, two] = [open({ prefix: 'one*:' }), open({ prefix: 'one*:two:' })];
    await one.store.commit('ada', { ...BUSY, log: [{ id: '1', at: 1, type: 't', owner: 'ada', data: null }] });
    const before = await one.keys();
    expect(await two.store.read('ada', [{ kind: 'enrolment' }])).toEqual([[]]);
    expect(await two.store.scan({})).toEqual({ rows: [] });
    expect(await two.store.sweep({ logBefore: 9 })).toEqual({ removed: 0 });
    await two.store.forget('ada');
    expect(await one.keys()).toEqual(before);
  });

  it('are all gone when the owner is forgotten', async () => {
    const { store, keys } = open();
    await store.commit('ada', { ...BUSY, log: [{ id: '1', at: 1, type: 't', owner: 'ada', epoch: 1, data: null }] });
    await store.forget('ada');
    expect(await keys()).toEqual([]);
  });
});

describeRedis('X06 the time', () => {
  it('does not go back when the server’s clock is set back a little, and does when it was far off', async () => {
    const { store, prefix } = open();
    const clockOf = (owner: string) => `${prefix}{o:${owner}}:c`;
    const wrong = Date.now() + 600_000;
    await client.set(clockOf('ada'), wrong);
    await client.set(clockOf('bob'), Date.now() + 2 * HOUR);
    const { now } = await store.commit('bob', {});
    expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
    expect(await store.commit('ada', {})).toMatchObject({ now: wrong });
  });

  it('does not bring to life what a commit has seen expire', async () => {
    const { store, prefix } = open();
    const { now } = await store.commit('ada', {
      writes: [{ do: 'put', kind: 'x', id: 'a', data: null, ttlMs: 600_000 }],
      hits: [{ key: 'k', limit: 1, windowMs: 600_000 }],
    });
    await client.set(`${prefix}{o:ada}:c`, now + 600_000);
    expect(await store.read('ada', [{ kind: 'x' }])).toEqual([[]]);
    expect(await store.commit('ada', { hits: [{ key: 'k', limit: 1, windowMs: HOUR }] })).toMatchObject({ ok: true });
  });
});

describeRedis('set-up', () => {
  it('refuses what cannot be right at once', () => {
    expect(() => redisStore({ client, prefix: 'a{b}' })).toThrow(/`prefix` must not have braces/);
    expect(() => redisStore({ client, timeoutMs: 0 })).toThrow(/`timeoutMs` must be at least 1/);
    expect(() => redisStore({} as never)).toThrow(/`client` must be a connected client/);
  });

  it('X04 refuses a server that drops keys, unless told', async () => {
    const other = await redisClient((await startRedis('--maxmemory-policy', 'volatile-lru')).url);
    await expect(redisStore({ client: other }).ping()).rejects.toMatchObject({
      code: 'set_up',
      message: expect.stringContaining('maxmemory-policy volatile-lru'),
    });
    await expect(redisStore({ client: other }).commit('ada', BUSY)).rejects.toMatchObject({ code: 'set_up' });
    await redisStore({ client: other, allowEviction: true }).ping();
    other.destroy();
  });

  it('asks no more than it may', async () => {
    await client.sendCommand(['ACL', 'SETUSER', 'app', 'on', 'nopass', '~*', '+@all', '-info']);
    const app = await redisClient(url.replace('//', '//app:any@'));
    await redisStore({ client: app }).ping();
    app.destroy();
  });

  it('refuses a client whose errors nobody hears', async () => {
    const deaf = createClient({ url });
    await expect(redisStore({ client: deaf }).ping()).rejects.toMatchObject({ code: 'set_up' });
  });

  it('leaves the client open when it closes, and does nothing any more', async () => {
    const { store } = open();
    await store.close();
    await expect(store.commit('ada', {})).rejects.toMatchObject({ code: 'unavailable' });
    expect(client.isReady).toBe(true);
  });
});
