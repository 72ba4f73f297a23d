/** The same random games against the memory store and Redis: what one decides in JavaScript, the other must decide in Lua. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Commit, Committed, Condition, Store, Write } from '../../src/core/store.js';
import { memoryStore } from '../../src/stores/memory.js';
import { redisStore } from '../../src/stores/redis.js';
import { type ConnectedRedis, redisClient } from '../support/redis-client.js';
import { hasRedis, startRedis, stopRedis } from '../support/redis-server.js';

const HOUR = 3_600_000;
const GAMES = 40;
const MOVES = 150;

let client: ConnectedRedis;

beforeAll(async () => {
  if (hasRedis) client = await redisClient((await startRedis()).url);
});
afterAll(async () => {
  client?.destroy();
  await stopRedis();
});

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
function dice(seed: number) {
  let state = seed;
  const roll = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(roll() * limit);
  return {
    below,
    chance: (part: number) => roll() < part,
    some: <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make),
  };
}
type Dice = ReturnType<typeof dice>;

/** The numbers that each store gave the same hit. */
type Given = Map<string, { readonly memory: number; readonly redis: number }[]>;

function condition({ below }: Dice): { if?: Condition } {
  const conditions: Condition[] = ['absent', 'present', { version: 1 + below(3) }, { mark: below(4) }];
  const chosen = conditions[below(8)];
  return chosen === undefined ? {} : { if: chosen };
}

function write(game: Dice): Write {
  const { below, chance } = game;
  const named = { kind: `kind ${below(2)}`, id: `${below(3)}` };
  const ends = chance(0.5) ? { ttlMs: HOUR } : {};
  const most = chance(0.3) ? { atMost: 1 + below(3) } : {};
  const writes: Write[] = [
    { do: 'check', ...named, if: condition(game).if ?? 'present' },
    { do: 'put', ...named, data: { n: below(100) }, ...ends, ...condition(game), ...most },
    { do: 'put', ...named, data: [below(100)], ...ends },
    { do: 'delete', ...named, ...condition(game) },
    { do: 'delete', kind: named.kind, ...(chance(0.5) ? { if: chance(0.5) ? 'present' : 'absent' } : {}) },
    { do: 'raise', ...named, to: below(6) },
    { do: 'bump', ...named },
  ];
  return writes[below(writes.length)] ?? { do: 'bump', ...named };
}

/** One move, with the numbers of hits as each of the two knows them. */
function move(game: Dice, given: Given): { memory: Commit; redis: Commit } {
  const { below, chance, some } = game;
  const key = () => `key ${below(3)}`;
  const hits = some(3, () => ({
    key: key(),
    limit: below(7),
    ...(chance(0.4) ? { windowMs: HOUR } : {}),
    ...(chance(0.2) ? { waits: { [1 + below(4)]: chance(0.5) ? HOUR : 0 } } : {}),
    ...(chance(0.2) ? { peek: true as const } : {}),
  }));
  const taken = some(2, () => {
    const name = key();
    if (chance(0.1)) return { clear: name };
    const numbers = given.get(name) ?? [];
    return { key: name, number: numbers[below(numbers.length)], settle: chance(0.3), beyond: chance(0.2) ? 5 : 0 };
  });
  const counters = (store: 'memory' | 'redis') =>
    taken.flatMap((each) => {
      if (each.clear !== undefined) return { do: 'clear', prefix: each.clear } as const;
      const number = each.number?.[store];
      if (number === undefined) return [];
      return each.settle
        ? ({ do: 'settle', key: each.key, upTo: number + each.beyond } as const)
        : ({ do: 'refund', key: each.key, hit: number + each.beyond } as const);
    });
  const both = { hits, writes: some(4, () => write(game)), reads: [{ kind: 'kind 0' }, { kind: 'kind 1', id: '1' }] };
  return { memory: { ...both, counters: counters('memory') }, redis: { ...both, counters: counters('redis') } };
}

/** What must be the same: everything but the times, and numbers that begin with one. */
function outcome(committed: Committed) {
  if (!committed.ok) return { ...committed, now: 0, retryAt: committed.retryAt !== undefined };
  const counts = committed.counts.map(({ key, count, resetAt }) => [key, count, resetAt !== undefined]);
  const records = committed.records.map((list) =>
    list.map(({ id, data, version, mark, expiresAt }) => [id, data, version, mark, expiresAt !== undefined]).sort(),
  );
  return { ok: true, counts, records };
}

function remember(given: Given, { hits = [], counters = [] }: Commit, memory: Committed, redis: Committed): void {
  if (!memory.ok || !redis.ok) return;
  // The numbers of a counter that was cleared may belong to its successor where both began in one millisecond.
  for (const write of counters) if (write.do === 'clear') given.delete(write.prefix);
  for (const [index, { key, peek }] of hits.entries()) {
    const numbers = { memory: memory.counts[index]?.total ?? 0, redis: redis.counts[index]?.total ?? 0 };
    if (!peek) given.set(key, [...(given.get(key) ?? []), numbers]);
  }
}

async function play(seed: number, stores: { readonly memory: Store; readonly redis: Store }): Promise<number> {
  const game = dice(seed);
  const given: Given = new Map();
  let admitted = 0;
  for (let turn = 0; turn < MOVES; turn++) {
    const moves = move(game, given);
    const owner = `game ${seed}`;
    const memory = await stores.memory.commit(owner, moves.memory);
    const redis = await stores.redis.commit(owner, moves.redis);
    expect({ seed, turn, ...outcome(redis) }).toEqual({ seed, turn, ...outcome(memory) });
    remember(given, moves.memory, memory, redis);
    admitted += memory.ok ? 1 : 0;
  }
  return admitted;
}

(hasRedis ? describe : describe.skip)('redis and memory', () => {
  it(`decide ${GAMES * MOVES} random commits alike`, async () => {
    let time = Date.now();
    // Never two moves in one millisecond, so that no counter begins in the one in which another was cleared.
    const clock = () => ++time;
    const stores = { memory: memoryStore({ clock }), redis: redisStore({ client, prefix: `${randomUUID()}:` }) };
    let admitted = 0;
    for (let seed = 1; seed <= GAMES; seed++) admitted += await play(seed, stores);
    // Games in which nearly all or nearly none is admitted would show little.
    expect(admitted / (GAMES * MOVES)).toBeGreaterThan(0.2);
    expect(admitted / (GAMES * MOVES)).toBeLessThan(0.8);
  });
});
