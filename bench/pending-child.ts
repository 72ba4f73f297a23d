/** Puts so many pending sign-ins into a store, and then signs some people in. */
import { randomId } from '../src/core/codes.js';
import { eventId } from '../src/core/event-id.js';
import type { Commit, Store } from '../src/core/store.js';
import { memoryStore } from '../src/index.js';
import { redisStore } from '../src/stores/redis.js';
import { redisOf } from './lib/host-parts.js';

const count = Number(process.argv[2]);
const AT_ONCE = 100;
const SIGN_INS = Math.min(count, 2_000);
const client = await redisOf('express-mfa');
const store: Store = client ? redisStore({ client }) : memoryStore({ maxEntries: 4 * count + 100_000 });

/** As `begin-sign-in` does it, for a user with an authenticator app. */
function parking(owner: string, id: string, at: number): Commit {
  const data = {
    owner,
    userId: owner.slice(2),
    epoch: 0,
    next: 'challenge',
    firstFactor: 'password',
    returnTo: '/account',
    keepSessionInfo: false,
  };
  return {
    writes: [
      { do: 'check', kind: 'epoch', id: 'epoch', if: { mark: 0 } },
      { do: 'put', kind: 'pending', id, data, ttlMs: 600_000, if: 'absent' },
    ],
    log: [{ id: eventId(at), at, type: 'sign_in.pending', owner, data: { userId: owner.slice(2), ip: '203.0.113.7' } }],
  };
}

const enrolmentOf = (owner: string) => `totp.${owner.padEnd(16, '0')}.${'k'.repeat(43)}`;

async function wait(owner: string): Promise<void> {
  const data = { kind: 'totp', name: 'Authenticator app', data: { secret: `s1.${'x'.repeat(104)}`, digits: 6 } };
  await store.commit(owner, { writes: [{ do: 'put', kind: 'enrolment', id: enrolmentOf(owner), data }] });
  const { writes = [] } = parking(owner, randomId(), Date.now());
  await store.commit(owner, { writes });
}

/** The four calls of one sign-in. */
async function signIn(owner: string, step: number): Promise<void> {
  const id = randomId();
  const at = Date.now();
  const holds = [
    { do: 'check', kind: 'epoch', id: 'epoch', if: { mark: 0 } },
    { do: 'check', kind: 'pending', id, if: 'present' },
  ] as const;
  await store.read(
    owner,
    ['enrolment', 'last-used', 'challenge', 'draft', 'backup', 'part', 'pending', 'epoch'].map((kind) => ({ kind })),
  );
  await store.commit(owner, parking(owner, id, at));
  const tried = await store.commit(owner, {
    writes: holds,
    hits: [
      { key: 'wrong:totp', limit: 100 },
      { key: `tries:${id}:totp`, limit: 5, windowMs: 600_000 },
    ],
    reads: [{ kind: 'enrolment' }, { kind: 'part' }, { kind: 'pending', id }],
  });
  const counts = tried.ok ? tried.counts : [];
  const done = await store.commit(owner, {
    writes: [
      ...holds,
      { do: 'raise', kind: 'enrolment', id: enrolmentOf(owner), to: step },
      { do: 'delete', kind: 'pending', id },
      { do: 'put', kind: 'last-used', id: enrolmentOf(owner), data: { at } },
    ],
    counters: [
      ...counts.map(({ key, total }) => ({ do: 'settle', key, upTo: total }) as const),
      { do: 'clear', prefix: `tries:${id}:` },
    ],
    log: ['challenge.passed', 'sign_in.completed'].map((type) => ({
      id: eventId(at),
      at,
      type,
      owner,
      data: { userId: owner },
    })),
  });
  if (!done.ok) throw new Error('The sign-in was refused.');
}

async function inTurns(times: number, work: (turn: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < times) {
        next += 1;
        await work(next);
      }
    }),
  );
}

async function memory(): Promise<number> {
  if (client) return Number(/used_memory:(\d+)/.exec(String(await client.info('memory')))?.[1]);
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Microseconds the server has spent in scripts. */
async function serverMicros(): Promise<number> {
  const stats = client ? String(await client.info('commandstats')) : '';
  return [...stats.matchAll(/cmdstat_(?:evalsha|eval|fcall):calls=\d+,usec=(\d+)/g)].reduce(
    (sum, [, usec]) => sum + Number(usec),
    0,
  );
}

// The log fills up first, and is no part of what a pending sign-in costs.
const warm = 20_000;
await inTurns(Math.min(warm, count * 4), () =>
  store.append([
    {
      id: eventId(Date.now()),
      at: Date.now(),
      type: 'sign_in.pending',
      owner: 'u:0',
      data: { userId: '0', ip: '203.0.113.7' },
    },
  ]),
);
await inTurns(1_000, (turn) => wait(`u:warm-${turn}`));
const before = await memory();
await inTurns(count, (turn) => wait(`u:${turn}`));
const bytesEach = ((await memory()) - before) / count;
await inTurns(SIGN_INS, (turn) => signIn(`u:${turn}`, 1));
const serverBefore = await serverMicros();
const cpuBefore = process.cpuUsage();
await inTurns(SIGN_INS, (turn) => signIn(`u:${turn}`, 2));
const { user, system } = process.cpuUsage(cpuBefore);
process.send?.({
  bytesEach,
  cpuMicrosEach: (user + system) / SIGN_INS,
  ...(client ? { serverMicrosEach: ((await serverMicros()) - serverBefore) / SIGN_INS } : {}),
});
