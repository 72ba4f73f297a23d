import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import type { Commit, Store } from '../../src/core/store.js';
import { redisStore } from '../../src/stores/redis.js';
import { type AskedProcess, endProcesses, startProcess } from '../support/asked-process.js';
import { hasRedis, startRedis, stopRedis } from '../support/redis-server.js';
import type { Task } from './redis-child.js';

const CHILD = new URL('./redis-child.ts', import.meta.url);
const TIMES = 200;
const HOUR = 3_600_000;

async function connected(url: string) {
  return await createClient({ url })
    .on('error', () => {})
    .connect();
}

const prefix = `${randomUUID()}:`;
let client: Awaited<ReturnType<typeof connected>>;
let store: Store;
let children: readonly AskedProcess<Task, number>[] = [];
let owner = '';

beforeAll(async () => {
  if (!hasRedis) return;
  const { url } = await startRedis();
  client = await connected(url);
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

/** Both processes do the same, at the same time; how often each was ok. */
function race(step: Commit): Promise<readonly number[]> {
  return Promise.all(children.map((child) => child.ask({ owner, step, times: TIMES })));
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

(hasRedis ? describe : describe.skip)('two processes on one server', () => {
  it('G02 count every hit of both', async () => {
    expect(await race({ hits: [{ key: 'k', limit: 10_000 }] })).toEqual([TIMES, TIMES]);
    const { counts = [] } = { ...(await store.commit(owner, { hits: [{ key: 'k', limit: 10_000 }] })) } as {
      counts?: readonly { count: number }[];
    };
    expect(counts[0]?.count).toBe(2 * TIMES + 1);
  });

  it('G02 admit no more than the limit between them', async () => {
    expect(sum(await race({ hits: [{ key: 'k', limit: 7, windowMs: HOUR }] }))).toBe(7);
  });

  it('G07 have one winner where a record may be put once', async () => {
    expect(sum(await race({ writes: [{ do: 'put', kind: 'x', id: 'a', data: null, if: 'absent' }] }))).toBe(1);
  });

  it('G07 have one winner where a code may be used once', async () => {
    await store.commit(owner, { writes: [{ do: 'put', kind: 'code', id: 'a', data: null, ttlMs: HOUR }] });
    expect(sum(await race({ writes: [{ do: 'delete', kind: 'code', id: 'a', if: 'present' }] }))).toBe(1);
  });

  it('G08 have one winner where a step may be used once', async () => {
    await store.commit(owner, { writes: [{ do: 'put', kind: 'totp', id: 'a', data: null }] });
    expect(sum(await race({ writes: [{ do: 'raise', kind: 'totp', id: 'a', to: 57_000_000 }] }))).toBe(1);
  });

  it('lose no bump, no version and no log row', async () => {
    await race({
      writes: [
        { do: 'bump', kind: 'epoch', id: 'e' },
        { do: 'put', kind: 'x', id: 'a', data: null },
      ],
      log: [{ id: '*', at: 1, type: 't', owner, data: null }],
    });
    const [epochs, things] = await store.read(owner, [{ kind: 'epoch' }, { kind: 'x' }]);
    expect([epochs?.[0]?.mark, things?.[0]?.version]).toEqual([2 * TIMES, 2 * TIMES]);
    expect((await store.scan({ owner, limit: 500 })).rows).toHaveLength(2 * TIMES);
  });

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
    expect(sum(await traffic)).toBe(2 * TIMES);
    expect((await store.read(owner, [{ kind: 'epoch' }]))[0]?.[0]?.mark).toBe(2 * TIMES);
  });
});
