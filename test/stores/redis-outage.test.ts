import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { MfaError } from '../../src/core/errors.js';
import { redisStore } from '../../src/stores/redis.js';
import { hasRedis, type RedisServer, startRedis, stopRedis, until } from '../support/redis-server.js';

const describeRedis = hasRedis ? describe : describe.skip;
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];
const HIT = { hits: [{ key: 'k', limit: Number.MAX_SAFE_INTEGER }] };

const clients: { destroy(): void }[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});
afterAll(stopRedis);

type ClientOptions = NonNullable<Parameters<typeof createClient>[0]>;

async function storeOn({ url }: RedisServer, options: ClientOptions = {}, timeoutMs = 1500) {
  const client = createClient({ url, socket: { reconnectStrategy: 50 }, ...options });
  clients.push(client);
  await client.on('error', () => {}).connect();
  return redisStore({ client, timeoutMs });
}

/** How the call ended, and after how long. */
async function timed(call: () => Promise<unknown>) {
  const start = performance.now();
  const error = await call().then(
    () => undefined,
    (why: unknown) => why,
  );
  return { error, ms: performance.now() - start };
}

const isOk = (call: () => Promise<unknown>) => async () => (await timed(call)).error === undefined;

describeRedis('X01 a server that goes away', () => {
  it('in the middle of a walk over owners: the walk begins anew there, and passes nobody over', async () => {
    const server = await startRedis(...DURABLE);
    const store = await storeOn(server);
    const names = Array.from({ length: 400 }, (_, index) => `u:${index}`);
    for (const owner of names) {
      await store.commit(owner, { writes: [{ do: 'put', kind: 'enrolment', id: '1', data: null }] });
    }
    const walk = async (cursor?: string) =>
      await store.owners({ kind: 'enrolment', limit: 100, ...(cursor === undefined ? {} : { cursor }) });
    const first = await walk();
    expect(first.next).toBeDefined();
    await server.kill();
    await server.start();
    await until(isOk(() => store.ping()));
    // Its hash table is in another order now: a place in the one before means nothing.
    const found = new Set<string>();
    for (let page = await walk(first.next); ; page = await walk(page.next)) {
      for (const owner of page.owners) found.add(owner);
      if (page.next === undefined) break;
    }
    expect(names.filter((owner) => !found.has(owner))).toEqual([]);
  });

  it('under load: each call is answered or unavailable within 2 s, nothing answered is lost, and it goes on', async () => {
    const server = await startRedis(...DURABLE);
    const store = await storeOn(server);
    const ended: Awaited<ReturnType<typeof timed>>[] = [];
    let isOver = false;
    const load = Array.from({ length: 20 }, async () => {
      while (!isOver) {
        ended.push(await timed(() => store.commit('ada', HIT)));
        if (ended.at(-1)?.error) await new Promise(setImmediate);
      }
    });
    const answered = () => ended.filter(({ error }) => !error).length;
    await until(async () => answered() > 200);
    await server.kill();
    await until(async () => ended.some(({ error }) => error));
    await server.start();
    const before = answered();
    await until(async () => answered() > before + 200);
    isOver = true;
    await Promise.all(load);

    const errors = ended.flatMap(({ error }) => error ?? []);
    expect(errors.filter((error) => !(error instanceof MfaError && error.code === 'unavailable'))).toEqual([]);
    expect(Math.max(...ended.map(({ ms }) => ms))).toBeLessThan(2000);
    const { counts = [] } = { ...(await store.commit('ada', HIT)) } as { counts?: readonly { count: number }[] };
    expect(counts[0]?.count).toBeGreaterThan(answered());
    expect(counts[0]?.count).toBeLessThanOrEqual(ended.length + 1);
  });

  it('is said at once where the client has no queue for such times, in no words of the driver', async () => {
    const server = await startRedis();
    const store = await storeOn(server, { disableOfflineQueue: true });
    await store.ping();
    await server.kill();
    await until(async () => (await timed(() => store.ping())).error !== undefined);
    const { error } = await timed(() => store.commit('ada', HIT));
    expect(error).toMatchObject({ code: 'unavailable', message: 'redisStore: ClientOfflineError.' });
    expect(error).not.toHaveProperty('cause');
  });

  it('is found out at first use too, and asked about its set-up when it is back', async () => {
    const server = await startRedis(...DURABLE);
    const store = await storeOn(server, { disableOfflineQueue: true });
    await server.kill();
    await until(async () => (await timed(() => store.read('ada', [{ kind: 'x' }]))).error !== undefined);
    await server.start();
    await until(isOk(() => store.commit('ada', HIT)));
  });

  it('does not do later what was answered with "unavailable"', async () => {
    const server = await startRedis(...DURABLE);
    const store = await storeOn(server, {}, 200);
    await store.ping();
    await server.kill();
    const writes = [{ do: 'put', kind: 'x', id: 'a', data: null }] as const;
    const { error } = await timed(() => store.commit('ada', { writes }));
    expect(error).toMatchObject({ code: 'unavailable' });
    await server.start();
    await until(isOk(() => store.ping()));
    expect(await store.read('ada', [{ kind: 'x' }])).toEqual([[]]);
  });

  it('is unavailable for every verb', async () => {
    const server = await startRedis();
    const store = await storeOn(server, { disableOfflineQueue: true });
    await store.ping();
    await server.kill();
    await until(async () => (await timed(() => store.ping())).error !== undefined);
    const verbs = [
      () => store.read('ada', [{ kind: 'x' }]),
      () => store.commit('ada', {}),
      () => store.append([{ id: '1', at: 1, type: 't', data: null }]),
      () => store.scan({}),
      () => store.sweep({ logBefore: 1 }),
      () => store.forget('ada'),
      () => store.ping(),
    ];
    for (const verb of verbs) expect((await timed(verb)).error).toMatchObject({ code: 'unavailable' });
  });
});

describeRedis('X01 a server that hangs', () => {
  it('is unavailable after the time limit, and used again when it goes on', async () => {
    const server = await startRedis();
    const store = await storeOn(server, {}, 300);
    await store.ping();
    server.pause();
    const calls = await Promise.all([
      timed(() => store.commit('ada', HIT)),
      timed(() => store.read('ada', [{ kind: 'x' }])),
      timed(() => store.scan({})),
      timed(() => store.ping()),
    ]);
    server.resume();
    for (const { error, ms } of calls) {
      expect(error).toMatchObject({ code: 'unavailable', message: 'redisStore: no answer in 300 ms.' });
      expect(ms).toBeLessThan(2000);
    }
    await until(isOk(() => store.commit('ada', HIT)));
  });
});

describeRedis('a server that cannot write', () => {
  it('is unavailable, in its own word and no more, and says so to a ping', async () => {
    const [primary, replica] = await Promise.all([startRedis(), startRedis()]);
    const client = createClient({ url: replica.url });
    clients.push(client);
    await client.on('error', () => {}).connect();
    await client.sendCommand(['REPLICAOF', '127.0.0.1', String(primary.port)]);
    const store = redisStore({ client });
    for (const verb of [() => store.ping(), () => store.commit('ada', HIT)]) {
      expect((await timed(verb)).error).toMatchObject({ code: 'unavailable', message: 'redisStore: READONLY.' });
    }
  });

  it('is unavailable where a cluster is not complete, or is asked without its client', async () => {
    const server = await startRedis('--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no');
    const client = createClient({ url: server.url });
    clients.push(client);
    await client.on('error', () => {}).connect();
    const store = redisStore({ client });
    for (const verb of [() => store.ping(), () => store.commit('ada', HIT), () => store.read('ada', [{ kind: 'x' }])]) {
      expect((await timed(verb)).error).toMatchObject({ code: 'unavailable', message: 'redisStore: CLUSTERDOWN.' });
    }
  });

  it('is unavailable while it is busy with something else, and used again after', async () => {
    const server = await startRedis(...DURABLE);
    const store = await storeOn(server);
    await store.ping();
    const other = createClient({ url: server.url });
    clients.push(other);
    await other.on('error', () => {}).connect();
    await other.sendCommand(['CONFIG', 'SET', 'busy-reply-threshold', '1']);
    void other.eval('while true do end', { keys: [], arguments: [] }).catch(() => undefined);
    await until(async () => {
      const { error } = await timed(() => store.commit('ada', HIT));
      return error instanceof MfaError && error.message === 'redisStore: BUSY.';
    });
    const killer = createClient({ url: server.url });
    clients.push(killer);
    await killer.on('error', () => {}).connect();
    await killer.sendCommand(['SCRIPT', 'KILL']);
    await until(isOk(() => store.commit('ada', HIT)));
  });

  it('has done nothing of a commit for which its memory was too small', async () => {
    const server = await startRedis('--maxmemory', '3mb');
    const store = await storeOn(server);
    const fill = (id: string) =>
      store.commit('ada', {
        writes: [{ do: 'put', kind: 'x', id, data: 'x'.repeat(100_000) }],
        hits: [{ key: 'puts', limit: 999 }],
        log: [{ id, at: 1, type: 't', data: null }],
      });
    let done = 0;
    while ((await timed(() => fill(`${done}`))).error === undefined) done += 1;
    expect((await timed(() => fill('more'))).error).toMatchObject({ code: 'unavailable', message: 'redisStore: OOM.' });
    await store.commit('ada', { writes: [{ do: 'delete', kind: 'x', id: '0' }] });
    const committed = await store.commit('ada', { hits: [{ key: 'puts', limit: 999 }], reads: [{ kind: 'x' }] });
    expect(committed).toMatchObject({ ok: true, counts: [{ count: done + 1 }] });
    expect(committed.ok && committed.records[0]?.length).toBe(done - 1);
    expect((await store.scan({ limit: 500 })).rows).toHaveLength(done);
  });
});
