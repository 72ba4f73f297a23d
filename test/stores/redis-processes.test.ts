import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Commit, Store } from '../../src/core/store.js';
import { redisStore } from '../../src/stores/redis.js';
import { type AskedProcess, endProcesses, startProcess } from '../support/asked-process.js';
import { type ConnectedRedis, redisClient } from '../support/redis-client.js';
import { hasRedis, startRedis, stopRedis } from '../support/redis-server.js';
import { racesOfTwo } from './races.js';
import type { Task } from './redis-child.js';

const CHILD = new URL('./redis-child.ts', import.meta.url);
const TIMES = 200;
const HOUR = 3_600_000;

const prefix = `${randomUUID()}:`;
let client: ConnectedRedis;
let store: Store;
let children: readonly AskedProcess<Task, number>[] = [];
let owner = '';

beforeAll(async () => {
  if (!hasRedis) return;
  const { url } = await startRedis();
  client = await redisClient(url);
  store = redisStore({ client, prefix });
  children = await Promise.all([1, 2].map(() => startProcess<Task, number>(CHILD, { args: [url, prefix] })));
});
beforeEach(() => {
  owner = randomUUID();
});
afterAll(async () => {
  await endProcesses();
  client?.destroy();
  await stopRedis();
});

/** Both processes at the same time; how often each was ok. */
function race(...steps: readonly Commit[]): Promise<readonly number[]> {
  return Promise.all(
    children.map((child, index) => child.ask({ owner, step: steps[index % steps.length] ?? {}, times: TIMES })),
  );
}

(hasRedis ? describe : describe.skip)('two processes on one server', () => {
  racesOfTwo({ store: () => store, owner: () => owner, times: TIMES, race });

  it('X06 agree on the time though the clock of one is a minute and a half fast', async () => {
    await race({ writes: [{ do: 'put', kind: 'x', id: 'a', data: null, ttlMs: HOUR }] });
    const [records] = await store.read(owner, [{ kind: 'x' }]);
    const { now } = await store.commit(owner, {});
    expect(records?.[0]?.createdAt).toBeLessThanOrEqual(now);
    expect(records?.[0]?.expiresAt).toBeLessThanOrEqual(now + HOUR);
  });

  it('X09 sweep beside live traffic without harm', async () => {
    let isOver = false;
    const traffic = race({
      writes: [
        { do: 'put', kind: 'short', id: 'a', data: null, ttlMs: 1 },
        { do: 'bump', kind: 'epoch', id: 'e' },
      ],
    }).finally(() => {
      isOver = true;
    });
    while (!isOver) await store.sweep({ logBefore: 1 }).then(() => new Promise(setImmediate));
    expect(await traffic).toEqual([TIMES, TIMES]);
    expect((await store.read(owner, [{ kind: 'epoch' }]))[0]?.[0]?.mark).toBe(2 * TIMES);
  });
});
