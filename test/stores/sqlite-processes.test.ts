import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Commit, Store } from '../../src/core/store.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import { endProcesses, startProcess } from '../support/asked-process.js';
import { pairsOf } from './pairs.js';
import { racesOfTwo } from './races.js';
import type { Task } from './sqlite-child.js';

/** Said of what was asked and not answered: had it stopped by itself, it would have said why. */
const GONE = 'The process is gone.';
const CHILD = new URL('./sqlite-child.ts', import.meta.url);
const TIMES = 200;

let folder: string;
let path: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'express-mfa-'));
  path = join(folder, 'mfa.db');
  store = sqliteStore({ path });
});

afterEach(async () => {
  await endProcesses();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const started = () => startProcess<Task, number>(CHILD, { dots: true });

/** Both processes have the file open before either begins; how often each was ok. */
async function race(...steps: readonly Commit[]): Promise<readonly number[]> {
  const both = await Promise.all([started(), started()]);
  await Promise.all(both.map((child) => child.ask({ do: 'open', path })));
  return Promise.all(
    both.map((child, index) => {
      const step = steps[index % steps.length] ?? {};
      return child.ask({ do: 'commit', owner: 'ada', step, times: TIMES });
    }),
  );
}

describe('two processes on one file', () => {
  racesOfTwo({ store: () => store, owner: () => 'ada', times: TIMES, race });

  it('X09 sweep beside each other and beside live traffic without harm', async () => {
    const child = await started();
    await child.ask({ do: 'open', path });
    const traffic = child.ask({
      do: 'commit',
      owner: 'ada',
      step: {
        writes: [
          { do: 'put', kind: 'short', id: 'a', data: null, ttlMs: 1 },
          { do: 'bump', kind: 'epoch', id: 'e' },
        ],
      },
      times: TIMES,
    });
    let isOver = false;
    void traffic.finally(() => {
      isOver = true;
    });
    while (!isOver) await store.sweep().then(() => new Promise(setImmediate));
    expect(await traffic).toBe(TIMES);
    expect((await store.read('ada', [{ kind: 'epoch' }]))[0]?.[0]?.mark).toBe(TIMES);
  });

  it('never see half of what the other writes', async () => {
    const child = await started();
    await child.ask({ do: 'open', path });
    const work = expect(child.ask({ do: 'pairs', owner: 'ada', dots: 1 })).rejects.toThrow(GONE);
    await child.dots(1);
    const refs = [{ kind: 'left' }, { kind: 'epoch' }, { kind: 'right' }];
    const seen = new Set<unknown>();
    for (let reads = 0; seen.size < 50 && reads < 200_000; reads++) {
      await new Promise(setImmediate);
      const [left, epoch, right] = await store.read('ada', refs);
      const value = left?.[0]?.data;
      if (epoch?.[0]?.mark !== value || right?.[0]?.data !== value) throw new Error('Half a commit was seen.');
      seen.add(value);
    }
    expect(seen.size).toBe(50);
    await child.kill();
    await work;
  });

  it('start on a new file at the same moment', async () => {
    const four = await Promise.all([started(), started(), started(), started()]);
    await Promise.all(four.map((child) => child.ask({ do: 'open', path })));
    const step = { hits: [{ key: 'k', limit: 99 }] };
    await Promise.all(four.map((child) => child.ask({ do: 'commit', owner: 'ada', step, times: 1 })));
    expect(await store.commit('ada', step)).toMatchObject({ counts: [{ count: 5 }] });
  });
});

describe('X03 a process that is killed', () => {
  it('leaves whole commits behind, whenever it happens', async () => {
    for (let round = 0; round < 4; round++) {
      const child = await started();
      await child.ask({ do: 'open', path });
      const owner = `owner ${round}`;
      const atLeast = 20 + 7 * round;
      const work = expect(child.ask({ do: 'pairs', owner, dots: atLeast })).rejects.toThrow(GONE);
      await child.dots(atLeast);
      await child.kill();
      await work;
      const { left, ...rest } = await pairsOf(store, owner);
      expect(left).toBeGreaterThanOrEqual(20);
      expect(rest).toEqual({ right: left, epoch: left, row: left, hits: left });
    }
  });

  it('leaves nothing of the commit it was in, and no lock', async () => {
    const child = await started();
    await store.ping();
    const work = expect(child.ask({ do: 'stop half-way', path, owner: 'ada' })).rejects.toThrow(GONE);
    await child.dots(1);
    const waiting = sqliteStore({ path, busyTimeoutMs: 1 });
    await expect(waiting.commit('ada', {})).rejects.toMatchObject({ code: 'unavailable' });
    await child.kill();
    await work;
    expect(await pairsOf(store, 'ada')).toEqual({ left: 0, right: 0, epoch: 0, row: 0, hits: 0 });
    expect(await waiting.commit('ada', {})).toMatchObject({ ok: true });
    await waiting.close();
  });
});
