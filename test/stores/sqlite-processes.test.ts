import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Commit, Store } from '../../src/core/store.js';
import { sqliteStore } from '../../src/stores/sqlite.js';
import type { Task } from './sqlite-child.js';

const CHILD = fileURLToPath(new URL('./sqlite-child.ts', import.meta.url));
const TIMES = 200;

let folder: string;
let path: string;
let children: ChildProcess[];
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'express-mfa-'));
  path = join(folder, 'mfa.db');
  children = [];
  store = sqliteStore({ path });
});

afterEach(async () => {
  await Promise.all(children.map(kill));
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** A process that has answered that it is there. */
async function started(): Promise<ChildProcess> {
  const child = fork(CHILD, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  children.push(child);
  await answerOf(child);
  return child;
}

const startedTwo = () => Promise.all([started(), started()]);

async function answerOf(child: ChildProcess): Promise<number> {
  const isOver = new AbortController();
  const { signal } = isOver;
  const gone = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('The child is gone.')));
  try {
    const [{ answer, error }] = (await Promise.race([once(child, 'message', { signal }), gone])) as [
      { answer: number; error?: string },
    ];
    if (error) throw new Error(error);
    return answer;
  } finally {
    gone.catch(() => undefined);
    isOver.abort();
  }
}

function ask(child: ChildProcess, task: Task): Promise<number> {
  const answer = answerOf(child);
  child.send(task);
  return answer;
}

async function dots(child: ChildProcess, atLeast: number): Promise<void> {
  for (let seen = 0; seen < atLeast && child.stdout; ) seen += String((await once(child.stdout, 'data'))[0]).length;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Both processes have the file open before either begins; how often each was ok. */
async function race(step: Commit, times = TIMES): Promise<readonly number[]> {
  const both = await startedTwo();
  await Promise.all(both.map((child) => ask(child, { do: 'open', path })));
  return Promise.all(both.map((child) => ask(child, { do: 'commit', owner: 'ada', step, times })));
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** What was written together and must still fit together. */
async function pairsOf(owner: string) {
  const [left, right, epoch] = await store.read(
    owner,
    ['left', 'right', 'epoch'].map((kind) => ({ kind, id: kind === 'epoch' ? 'e' : 'a' })),
  );
  const { rows } = await store.scan({ limit: 1 });
  const counted = await store.commit(owner, { hits: [{ key: 'pairs', limit: Number.MAX_SAFE_INTEGER }] });
  return {
    left: left?.[0]?.data ?? 0,
    right: right?.[0]?.data ?? 0,
    epoch: epoch?.[0]?.mark ?? 0,
    row: rows[0]?.data ?? 0,
    hits: counted.ok ? (counted.counts[0]?.count ?? Number.NaN) - 1 : Number.NaN,
  };
}

describe('two processes on one file', () => {
  it('G02 count every hit of both', async () => {
    expect(await race({ hits: [{ key: 'k', limit: 10_000 }] })).toEqual([TIMES, TIMES]);
    expect(await store.commit('ada', { hits: [{ key: 'k', limit: 10_000 }] })).toMatchObject({
      counts: [{ count: 2 * TIMES + 1 }],
    });
  });

  it('G02 admit no more than the limit between them', async () => {
    expect(sum(await race({ hits: [{ key: 'k', limit: 7 }] }))).toBe(7);
  });

  it('G07 have one winner where a record may be put once', async () => {
    expect(sum(await race({ writes: [{ do: 'put', kind: 'x', id: 'a', data: null, if: 'absent' }] }))).toBe(1);
  });

  it('G07 have one winner where a code may be used once', async () => {
    await store.commit('ada', { writes: [{ do: 'put', kind: 'code', id: 'a', data: null }] });
    expect(sum(await race({ writes: [{ do: 'delete', kind: 'code', id: 'a', if: 'present' }] }))).toBe(1);
  });

  it('G08 have one winner where a step may be used once', async () => {
    await store.commit('ada', { writes: [{ do: 'put', kind: 'totp', id: 'a', data: null }] });
    expect(sum(await race({ writes: [{ do: 'raise', kind: 'totp', id: 'a', to: 57_000_000 }] }))).toBe(1);
  });

  it('lose no bump and no version', async () => {
    await race({
      writes: [
        { do: 'bump', kind: 'epoch', id: 'e' },
        { do: 'put', kind: 'x', id: 'a', data: null },
      ],
    });
    const [epochs, things] = await store.read('ada', [{ kind: 'epoch' }, { kind: 'x' }]);
    expect([epochs?.[0]?.mark, things?.[0]?.version]).toEqual([2 * TIMES, 2 * TIMES]);
  });

  it('keep to `atMost` between them', async () => {
    const children = await startedTwo();
    await Promise.all(children.map((child) => ask(child, { do: 'open', path })));
    const put = (id: string): Commit => ({ writes: [{ do: 'put', kind: 'device', id, data: null, atMost: 1 }] });
    await Promise.all(
      children.map((child, index) =>
        ask(child, { do: 'commit', owner: 'ada', step: put(`of ${index}`), times: TIMES }),
      ),
    );
    expect((await store.read('ada', [{ kind: 'device' }]))[0]).toHaveLength(1);
  });

  it('X09 sweep beside each other and beside live traffic without harm', async () => {
    const [child] = await startedTwo();
    if (!child) throw new Error('no child');
    await ask(child, { do: 'open', path });
    const traffic = ask(child, {
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
    await ask(child, { do: 'open', path });
    child.send({ do: 'pairs', owner: 'ada', dots: 1 } satisfies Task);
    await dots(child, 1);
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
  });

  it('start on a new file at the same moment', async () => {
    const four = await Promise.all([started(), started(), started(), started()]);
    await Promise.all(four.map((child) => ask(child, { do: 'open', path })));
    const step = { hits: [{ key: 'k', limit: 99 }] };
    await Promise.all(four.map((child) => ask(child, { do: 'commit', owner: 'ada', step, times: 1 })));
    expect(await store.commit('ada', step)).toMatchObject({ counts: [{ count: 5 }] });
  });
});

describe('X03 a process that is killed', () => {
  it('leaves whole commits behind, whenever it happens', async () => {
    for (let round = 0; round < 4; round++) {
      const child = await started();
      await ask(child, { do: 'open', path });
      const owner = `owner ${round}`;
      const atLeast = 20 + 7 * round;
      const said: unknown[] = [];
      child.on('message', (message) => said.push(message));
      child.send({ do: 'pairs', owner, dots: atLeast } satisfies Task);
      await dots(child, atLeast);
      await kill(child);
      // It was at work until then: had it stopped by itself, it would have said why.
      expect(said).toEqual([]);
      const { left, right, epoch, hits } = await pairsOf(owner);
      expect(left).toBeGreaterThanOrEqual(20);
      expect({ right, epoch, hits }).toEqual({ right: left, epoch: left, hits: left });
    }
  });

  it('leaves nothing of the commit it was in, and no lock', async () => {
    const child = await started();
    await store.ping();
    child.send({ do: 'stop half-way', path, owner: 'ada' } satisfies Task);
    await dots(child, 1);
    const waiting = sqliteStore({ path, busyTimeoutMs: 1 });
    await expect(waiting.commit('ada', {})).rejects.toMatchObject({ code: 'unavailable' });
    await kill(child);
    expect(await pairsOf('ada')).toEqual({ left: 0, right: 0, epoch: 0, row: 0, hits: 0 });
    expect(await waiting.commit('ada', {})).toMatchObject({ ok: true });
    await waiting.close();
  });
});
