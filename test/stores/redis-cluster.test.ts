import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCluster } from 'redis';
import { redisStore } from '../../src/stores/redis.js';
import {
  hasRedis,
  type RedisCluster,
  type RedisServer,
  startRedisCluster,
  stopRedis,
  until,
} from '../support/redis-server.js';

const HOUR = 3_600_000;

async function connected({ nodes }: RedisCluster) {
  const client = createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) });
  return await client.on('error', () => {}).connect();
}

let servers: RedisCluster;
let cluster: Awaited<ReturnType<typeof connected>>;

beforeAll(async () => {
  if (!hasRedis) return;
  servers = await startRedisCluster();
  cluster = await connected(servers);
});
afterAll(async () => {
  cluster?.destroy();
  await stopRedis();
});

/** The cluster, telling what is asked of it; where `evalSha` answers, the server is not asked. */
function clientThat(told: { nodeClient?: () => void; evalSha?: (sha: string) => Promise<unknown> | undefined }) {
  return new Proxy(cluster, {
    get(target, name) {
      const part: unknown = Reflect.get(target, name, target);
      if (typeof part !== 'function') return part;
      return (...given: unknown[]) => {
        if (name === 'nodeClient') told.nodeClient?.();
        const done = (part as (...all: unknown[]) => unknown).apply(target, given);
        if (name !== 'withCommandOptions') return done;
        const scripts = done as typeof cluster;
        return {
          evalSha: (sha: string, call: Parameters<typeof cluster.evalSha>[1]) =>
            told.evalSha?.(sha) ?? scripts.evalSha(sha, call),
          eval: scripts.eval.bind(scripts),
        };
      };
    },
  });
}

const tagOf = (owner: string) => `{o:${encodeURIComponent(owner)}}`;
const row = (id: string, owner: string) => ({ id, at: 1, type: 't', owner, data: null });

async function allKeys(prefix: string): Promise<readonly string[]> {
  const nodes = await Promise.all(cluster.masters.map((master) => cluster.nodeClient(master)));
  return (await Promise.all(nodes.map((node) => node.keys(`${prefix}*`)))).flat();
}

/** The port of the node that has the key. */
async function portOf(key: string): Promise<number> {
  const slot = Number(await cluster.sendCommand(key, true, ['CLUSTER', 'KEYSLOT', key]));
  return cluster.slots[slot]?.master.port ?? 0;
}

/** Owners whose keys are on another node than the log. */
async function awayFromLog(prefix: string): Promise<readonly string[]> {
  const logPort = await portOf(`${prefix}{log}`);
  const names = Array.from({ length: 20 }, (_, index) => `user ${index}`);
  const ports = await Promise.all(names.map((name) => portOf(prefix + tagOf(name))));
  return names.filter((_, index) => ports[index] !== logPort);
}

async function logServer(prefix: string): Promise<RedisServer> {
  const port = await portOf(`${prefix}{log}`);
  const server = servers.nodes.find((node) => node.port === port);
  if (!server) throw new Error('no node has the log');
  return server;
}

(hasRedis ? describe : describe.skip)('on a cluster', () => {
  it('all keys of an owner are in one slot, and owners are spread over the nodes', async () => {
    const store = redisStore({ client: cluster, prefix: 'slots:' });
    for (let user = 0; user < 30; user++) {
      await store.commit(`user {${user}}`, {
        writes: [
          { do: 'put', kind: '{a}', id: '1', data: null },
          { do: 'put', kind: 'b', id: '1', data: null, ttlMs: HOUR },
        ],
        hits: [
          { key: 'k', limit: 1 },
          { key: '{l}', limit: 1, windowMs: HOUR },
        ],
      });
    }
    const slots = new Map<string, Set<string>>();
    for (const key of await allKeys('slots:')) {
      const owner = /\{.*?\}/.exec(key)?.[0] ?? '';
      const slot = String(await cluster.sendCommand(key, true, ['CLUSTER', 'KEYSLOT', key]));
      slots.set(owner, (slots.get(owner) ?? new Set()).add(slot));
    }
    expect(slots.size).toBe(30);
    expect([...slots.values()].every(({ size }) => size === 1)).toBe(true);
    expect(new Set([...slots.values()].flatMap((each) => [...each])).size).toBeGreaterThan(20);
  });

  it('X03 keeps the rows of a commit that cannot reach the log, and its next commit brings them there', async () => {
    const store = redisStore({ client: cluster, prefix: 'next:', timeoutMs: 500 });
    const [owner = ''] = await awayFromLog('next:');
    const server = await logServer('next:');
    await store.ping();
    server.pause();
    const start = performance.now();
    const committed = await store.commit(owner, { log: [row('1', owner), row('2', owner)] });
    const ms = performance.now() - start;
    server.resume();
    expect(committed).toMatchObject({ ok: true });
    expect(ms).toBeLessThan(2000);
    await until(async () => {
      await store.commit(owner, {});
      return (await store.scan({ owner })).rows.length === 2;
    });
    await until(async () => (await allKeys('next:{o:')).length === 0);
  });

  it('X09 sweeps what waits for the log into it, from all nodes, each row once', async () => {
    const store = redisStore({ client: cluster, prefix: 'sweep:' });
    for (const owner of ['ada', 'bob', 'eve', 'zoe']) {
      await cluster.hSet(`sweep:{o:${owner}}:l`, owner, JSON.stringify(row(owner, owner)));
    }
    await store.append([row('ada', 'ada')]);
    await Promise.all([store.sweep(), store.sweep()]);
    const { rows } = await store.scan({ order: 'asc' });
    expect(rows.map(({ id }) => id)).toEqual(['ada', 'bob', 'eve', 'zoe']);
    expect(await allKeys('sweep:{o:')).toEqual([]);
  });

  it('looks through all keys once for what a crash left behind, then only where it failed itself', async () => {
    let looks = 0;
    const client = clientThat({
      nodeClient() {
        looks += 1;
      },
    });
    const store = redisStore({ client, prefix: 'looks:' });
    await store.ping();
    const setUp = looks;
    await store.sweep();
    expect(looks).toBe(setUp + cluster.masters.length);
    const [owner = ''] = await awayFromLog('looks:');
    const server = await logServer('looks:');
    server.pause();
    await store.commit(owner, { log: [row('1', owner)] });
    server.resume();
    // The server may still do what it was asked before, or the commands wait for their time to be over.
    await until(async () => {
      await store.sweep();
      return (await store.scan({ owner })).rows.length === 1 && (await allKeys('looks:{o:')).length === 0;
    });
    expect(looks).toBe(setUp + cluster.masters.length);
  });

  it('a commit that logs is answered after two round trips, with its row in the log', async () => {
    const calls: string[] = [];
    const client = clientThat({
      evalSha(sha) {
        calls.push(sha);
        // The third empties the outbox; here it never comes to an end.
        return calls.length === 3 ? new Promise(() => {}) : undefined;
      },
    });
    const store = redisStore({ client, prefix: 'trips:' });
    await store.commit('ada', { log: [row('1', 'ada')] });
    calls.length = 0;
    let answer: unknown;
    const committing = store.commit('ada', { log: [row('2', 'ada')] }).then((done) => {
      answer = done;
    });
    await until(async () => calls.length === 3);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(answer).toMatchObject({ ok: true });
    await committing;
    expect((await redisStore({ client: cluster, prefix: 'trips:' }).scan({ owner: 'ada' })).rows).toHaveLength(2);
    expect(new Set(calls).size).toBe(3);
  });

  it('forgets the rows that wait as well, and none of another owner', async () => {
    const store = redisStore({ client: cluster, prefix: 'forget:' });
    await cluster.hSet('forget:{o:ada}:l', {
      1: JSON.stringify(row('1', 'ada')),
      2: JSON.stringify(row('2', 'bob')),
    });
    await store.forget('ada');
    expect((await store.scan({})).rows.map(({ id }) => id)).toEqual(['2']);
    expect(await allKeys('forget:{o:')).toEqual([]);
  });
});
