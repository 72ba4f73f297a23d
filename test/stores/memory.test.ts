import { describe, expect, it } from '@jest/globals';
import type { Commit } from '../../src/core/store.js';
import { memoryStore } from '../../src/stores/memory.js';

const MANY = 100_000;
const MINUTE = 60_000;

const put = (id: string, ttlMs?: number): Commit => ({
  writes: [{ do: 'put', kind: 'thing', id, data: null, ...(ttlMs === undefined ? {} : { ttlMs }) }],
});
const lock: Commit = { hits: [{ key: 'lock', limit: 1 }] };
const full = expect.objectContaining({ code: 'unavailable', status: 503 });

function standingClock(start = 1_800_000_000_000) {
  let time = start;
  return { clock: () => time, advance };

  function advance(ms: number): void {
    time += ms;
  }
}

describe('D02 the memory store is bounded', () => {
  it('refuses new owners when it is full, and keeps every lock and record that is alive', async () => {
    const store = memoryStore({ maxEntries: 1000 });
    await store.commit('ada', lock);
    await store.commit('ada', put('totp'));
    let [kept, refused] = [0, 0];
    for (let owner = 0; owner < MANY; owner++) {
      await store.commit(`owner ${owner}`, put('a', 10 * MINUTE)).then(
        () => (kept += 1),
        (error: { code?: string }) => (refused += error.code === 'unavailable' ? 1 : 0),
      );
    }
    expect([kept, refused]).toEqual([998, MANY - 998]);
    expect(await store.commit('ada', lock)).toMatchObject({ ok: false, reason: 'limit' });
    expect((await store.read('ada', [{ kind: 'thing' }]))[0]).toHaveLength(1);
  });

  it('refuses new counters when it is full, and still counts those it has', async () => {
    const store = memoryStore({ maxEntries: 2 });
    await store.commit('ada', { hits: [{ key: 'a', limit: 9 }] });
    await store.commit('ada', { hits: [{ key: 'b', limit: 9 }] });
    await expect(store.commit('ada', { hits: [{ key: 'c', limit: 9 }] })).rejects.toEqual(full);
    expect(await store.commit('ada', { hits: [{ key: 'a', limit: 9 }] })).toMatchObject({ counts: [{ count: 2 }] });
  });

  it('takes a million records one after the other, because the expired make room', async () => {
    const { clock, advance } = standingClock();
    const store = memoryStore({ clock, maxEntries: 1000 });
    await store.commit('ada', lock);
    for (let owner = 0; owner < 10_000; owner++) {
      if (owner % 5 === 0) advance(MINUTE);
      const writes = Array.from({ length: 100 }, (_, id) => put(`${id}`, MINUTE).writes ?? []).flat();
      await store.commit(`owner ${owner}`, { writes });
    }
    expect((await store.read('owner 9999', [{ kind: 'thing' }]))[0]).toHaveLength(100);
    expect(await store.commit('ada', lock)).toMatchObject({ ok: false, reason: 'limit' });
    advance(MINUTE);
    expect((await store.sweep()).removed).toBeLessThan(1000);
  });

  it('does nothing of a commit that finds no room half-way', async () => {
    const store = memoryStore({ maxEntries: 3 });
    await store.commit('ada', put('old'));
    const writes = ['a', 'b', 'c'].flatMap((id) => put(id).writes ?? []);
    const gone = { do: 'delete', kind: 'thing', id: 'old' } as const;
    const log = [{ id: 'row', at: 1, type: 't', data: null }];
    await expect(store.commit('ada', { writes: [...writes, gone], log })).rejects.toEqual(full);
    const [things] = await store.read('ada', [{ kind: 'thing' }]);
    expect(things?.map(({ id }) => id)).toEqual(['old']);
    expect((await store.scan({})).rows).toEqual([]);
    expect(await store.commit('ada', { writes: [gone, ...writes] })).toMatchObject({ ok: true });
  });

  it('has room again after a delete, a clear and a forget', async () => {
    const store = memoryStore({ maxEntries: 1 });
    await store.commit('ada', put('a'));
    await store.commit('ada', { writes: [{ do: 'delete', kind: 'thing' }] });
    await store.commit('bob', lock);
    await store.commit('bob', { counters: [{ do: 'clear', prefix: '' }] });
    await store.commit('eve', put('a'));
    await store.forget('eve');
    expect(await store.commit('ada', put('a'))).toMatchObject({ ok: true });
  });

  it('does not hold on to records that were deleted long before their time', async () => {
    const { clock, advance } = standingClock();
    const store = memoryStore({ clock, maxEntries: 10 });
    for (let time = 0; time < 20_000; time++) {
      await store.commit('ada', put('a', 14 * 24 * 60 * MINUTE));
      await store.commit('ada', { writes: [{ do: 'delete', kind: 'thing', id: 'a' }] });
    }
    await store.commit('ada', put('a', MINUTE));
    advance(MINUTE);
    expect(await store.sweep()).toEqual({ removed: 1 });
  });

  it('keeps the newest log rows only', async () => {
    const store = memoryStore({ maxLogRows: 3 });
    for (const at of [5, 1, 4, 2, 3]) await store.append([{ id: `row ${at}`, at, type: 't', data: null }]);
    expect((await store.scan({})).rows.map(({ at }) => at)).toEqual([5, 4, 3]);
  });

  it('keeps 10,000 log rows unless told otherwise', async () => {
    const store = memoryStore();
    await store.append(Array.from({ length: 10_005 }, (_, at) => ({ id: `row ${at}`, at, type: 't', data: null })));
    expect((await store.scan({ order: 'asc', limit: 1 })).rows[0]?.at).toBe(5);
  });
});

describe('the memory store', () => {
  it('is volatile', () => {
    expect(memoryStore()).toMatchObject({ name: 'memory', volatile: true });
  });

  it('refuses at set-up a bound that holds nothing', () => {
    const wrong = expect.objectContaining({ code: 'set_up' });
    expect(() => memoryStore({ maxEntries: 0 })).toThrow(wrong);
    expect(() => memoryStore({ maxLogRows: Number.NaN })).toThrow(wrong);
  });

  it('X06 does not bring an expired challenge back when the clock is set back', async () => {
    const { clock, advance } = standingClock();
    const store = memoryStore({ clock });
    await store.commit('ada', put('challenge', MINUTE));
    advance(MINUTE);
    await store.ping();
    advance(-10 * MINUTE);
    expect(await store.read('ada', [{ kind: 'thing' }])).toEqual([[]]);
  });

  it('decides before it gives up its turn: what was called first is done first', async () => {
    const store = memoryStore();
    const first = store.commit('ada', lock);
    const second = store.commit('ada', lock);
    expect([(await second).ok, (await first).ok]).toEqual([false, true]);
  });

  it('X01 throws after it is closed, instead of saying that nothing is there', async () => {
    const store = memoryStore();
    await store.close();
    const verbs = [
      () => store.read('ada', []),
      () => store.commit('ada', {}),
      () => store.append([]),
      () => store.scan({}),
      () => store.sweep(),
      () => store.forget('ada'),
      () => store.ping(),
    ];
    for (const verb of verbs) await expect(verb()).rejects.toEqual(full);
  });
});
