import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Commit, Store } from '../../src/core/store.js';
import { migrate, postgresStore } from '../../src/stores/postgres.js';
import { endProcesses, startProcess } from '../support/asked-process.js';
import { postgresServer } from '../support/postgres-server.js';
import { pairsOf } from './pairs.js';
import type { Place, Task } from './postgres-child.js';
import { racesOfTwo } from './races.js';

/** Said of what was asked and not answered: had it stopped by itself, it would have said why. */
const GONE = 'The process is gone.';
const CHILD = new URL('./postgres-child.ts', import.meta.url);
const TIMES = 150;

const server = await postgresServer();
const pool = new pg.Pool({ connectionString: server?.url, max: 4 });
pool.on('error', () => undefined);

let schemas = 0;
let place: Place;
let store: Store;

beforeEach(async () => {
  schemas += 1;
  place = { url: server?.url ?? '', schema: `mfa_processes_${process.pid}_${schemas}` };
  store = postgresStore({ pool, schema: place.schema });
});

afterEach(async () => {
  await endProcesses();
  await pool.query(`DROP SCHEMA IF EXISTS ${place.schema} CASCADE`);
});

afterAll(async () => {
  await pool.end();
  await server?.close();
});

const started = () => startProcess<Task, number>(CHILD, { dots: true });
const startedAll = (many: number) => Promise.all(Array.from({ length: many }, started));

/** Both processes have the tables open before either begins; how often each was ok. */
async function race(...steps: readonly Commit[]): Promise<readonly number[]> {
  const both = await startedAll(2);
  await Promise.all(both.map((child) => child.ask({ do: 'open', ...place })));
  return await Promise.all(
    both.map((child, index) => {
      const step = steps[index % steps.length] ?? {};
      return child.ask({ do: 'commit', owner: 'ada', step, times: TIMES });
    }),
  );
}

(server ? describe : describe.skip)('two processes on one schema', () => {
  beforeEach(() => migrate(pool, place));

  racesOfTwo({ store: () => store, owner: () => 'ada', times: TIMES, race });

  it('never see half of what the other writes', async () => {
    const child = await started();
    await child.ask({ do: 'open', ...place });
    const work = expect(child.ask({ do: 'pairs', owner: 'ada', dots: 1 })).rejects.toThrow(GONE);
    await child.dots(1);
    const seen = new Set<unknown>();
    while (seen.size < 50) {
      const [left, epoch, right] = await store.read('ada', [{ kind: 'left' }, { kind: 'epoch' }, { kind: 'right' }]);
      const value = left?.[0]?.data;
      expect([epoch?.[0]?.mark, right?.[0]?.data]).toEqual([value, value]);
      seen.add(value);
    }
    await child.kill();
    await work;
  });

  it('X09 sweep beside live traffic without harm', async () => {
    const short: Commit = {
      writes: [
        { do: 'put', kind: 'short', id: 'a', data: null, ttlMs: 1 },
        { do: 'bump', kind: 'epoch', id: 'e' },
      ],
    };
    const traffic = race(short);
    let isOver = false;
    void traffic.finally(() => {
      isOver = true;
    });
    while (!isOver) await store.sweep();
    expect(await traffic).toEqual([TIMES, TIMES]);
    expect((await store.read('ada', [{ kind: 'epoch' }]))[0]?.[0]?.mark).toBe(2 * TIMES);
  });
});

(server ? describe : describe.skip)('X07 five processes that migrate at once', () => {
  it('make the tables once, and all go on', async () => {
    const five = await startedAll(5);
    const from = await Promise.all(five.map((child) => child.ask({ do: 'migrate', ...place })));
    expect(from.toSorted()).toEqual([0, 1, 1, 1, 1]);
    await Promise.all(five.map((child) => child.ask({ do: 'open', ...place })));
    const step = { hits: [{ key: 'k', limit: 99 }] };
    await Promise.all(five.map((child) => child.ask({ do: 'commit', owner: 'ada', step, times: 1 })));
    expect(await store.commit('ada', step)).toMatchObject({ counts: [{ count: 6 }] });
  });
});

(server ? describe : describe.skip)('X03 a process that is killed', () => {
  beforeEach(() => migrate(pool, place));

  it('leaves whole commits behind, whenever it happens', async () => {
    for (let round = 0; round < 3; round++) {
      const child = await started();
      await child.ask({ do: 'open', ...place });
      const owner = `owner ${round}`;
      const work = expect(child.ask({ do: 'pairs', owner, dots: 60 })).rejects.toThrow(GONE);
      await child.dots(20 + 7 * round);
      await child.kill();
      await work;
      // What the server was doing for the dead is done or not, once the owner's lock is free.
      await store.commit(owner, {});
      const { left, ...rest } = await pairsOf(store, owner);
      expect(left).toBeGreaterThanOrEqual(20);
      expect(rest).toEqual({ right: left, epoch: left, row: left, hits: left });
    }
  });

  it('leaves nothing of a transaction it was in, and no lock', async () => {
    const child = await started();
    const work = expect(child.ask({ do: 'stop half-way', owner: 'ada', ...place })).rejects.toThrow(GONE);
    await child.dots(1);
    const waiting = postgresStore({ pool, schema: place.schema, timeoutMs: 20 });
    await expect(waiting.commit('ada', {})).rejects.toMatchObject({ code: 'unavailable' });
    await child.kill();
    await work;
    // Waits for the lock until the server has noticed.
    expect(await store.commit('ada', {})).toMatchObject({ ok: true });
    expect(await pairsOf(store, 'ada')).toEqual({ left: 0, right: 0, epoch: 0, row: 0, hits: 0 });
  });
});
