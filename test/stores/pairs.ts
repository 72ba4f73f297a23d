/** What was written together and must still fit together, whoever died while it was. */
import { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Commit, Store } from '../../src/core/store.js';

const HIT = { key: 'pairs', limit: Number.MAX_SAFE_INTEGER } as const;

/** One commit of everything a commit can hold. */
export function pair(owner: string, value: number): Commit {
  return {
    hits: [HIT],
    writes: [
      { do: 'put', kind: 'left', id: 'a', data: value },
      { do: 'put', kind: 'right', id: 'a', data: value },
      { do: 'bump', kind: 'epoch', id: 'e' },
    ],
    log: [{ id: `${owner} ${value}`, at: value, type: 'pair', owner, data: value }],
  };
}

/** For ever. Says one dot on stdout for each of the first `dots` commits. */
export async function writePairs(store: Store, owner: string, dots: number): Promise<never> {
  for (let value = 1; ; value++) {
    await store.commit(owner, pair(owner, value));
    // Few enough to fit the pipe: a full one would end the work.
    if (value <= dots) writeSync(1, '.');
    // A turn in which the end of the parent is noticed.
    await nextTurn();
  }
}

/** All the same number, or half a commit was kept. */
export async function pairsOf(store: Store, owner: string) {
  const [left, right, epoch] = await store.read(
    owner,
    ['left', 'right', 'epoch'].map((kind) => ({ kind })),
  );
  const { rows } = await store.scan({ owner, limit: 1 });
  const peeked = await store.commit(owner, { hits: [{ ...HIT, peek: true }] });
  return {
    left: left?.[0]?.data ?? 0,
    right: right?.[0]?.data ?? 0,
    epoch: epoch?.[0]?.mark ?? 0,
    row: rows[0]?.data ?? 0,
    hits: peeked.ok ? peeked.counts[0]?.count : undefined,
  };
}
