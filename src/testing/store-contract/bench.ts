import assert from 'node:assert/strict';
import type { Commit, Committed, Json, Store, StoredRecord, Write } from '../../core/store.js';
import type { StoreContractOptions } from '../store-contract.js';

export type Case = readonly [name: string, check: (bench: Bench) => Promise<void>];

/** What a case has to work with. */
export interface Bench {
  readonly store: Store;
  /** The shortest time to live that is of use here, milliseconds. */
  readonly tick: number;
  /** Whether time stands still unless the case moves it. */
  readonly isClockOurs: boolean;
  /** The store's clock. */
  now(): Promise<number>;
  /** Returns when the store's clock is there. */
  until(at: number): Promise<void>;
  /** Calls in parallel, taking turns over all handles on the same data. */
  together<T>(callers: number, call: (store: Store, caller: number) => Promise<T>): Promise<T[]>;
  close(): Promise<void>;
}

/** Longer than any run of the suite. */
export const HOUR = 3_600_000;

export async function openBench({ open, advance, tickMs }: StoreContractOptions): Promise<Bench> {
  let time = Date.UTC(2027, 0, 1);
  const opened = await open(() => time);
  const stores: readonly Store[] = 'commit' in opened ? [opened] : opened;
  const [store] = stores;
  assert.ok(store, '`open` must return a store, or a list of at least one');
  const now = async () => (await store.commit('what time is it', {})).now;
  return {
    store,
    tick: tickMs ?? (advance ? 40 : 1000),
    isClockOurs: !advance,
    now,
    async until(at) {
      if (!advance) time = Math.max(time, at);
      for (let left = at - (await now()); advance && left > 0; left = at - (await now())) await advance(left);
    },
    together: (callers, call) =>
      Promise.all(
        Array.from({ length: callers }, (_, caller) => call(stores[caller % stores.length] ?? store, caller)),
      ),
    async close() {
      for (const each of stores) await each.close();
    },
  };
}

export type Done = Extract<Committed, { ok: true }>;
export type NotDone = Extract<Committed, { ok: false }>;

/** Commits, and insists that it happened. */
export async function does(store: Store, owner: string, step: Commit): Promise<Done> {
  const committed = await store.commit(owner, step);
  assert.ok(committed.ok, `refused: ${JSON.stringify(committed)}`);
  return committed;
}

/** Commits, and insists that it was refused for this reason at this place. */
export async function refuses(
  store: Store,
  owner: string,
  { reason, index, ...step }: Commit & Pick<NotDone, 'reason' | 'index'>,
): Promise<NotDone> {
  const committed = await store.commit(owner, step);
  assert.ok(!committed.ok, 'a commit was done that had to be refused');
  assert.deepEqual({ reason: committed.reason, index: committed.index }, { reason, index });
  return committed;
}

export async function one(store: Store, owner: string, kind: string, id: string): Promise<StoredRecord | undefined> {
  const [records] = await store.read(owner, [{ kind, id }]);
  assert.ok(records && records.length <= 1);
  return records[0];
}

export async function idsOf(store: Store, owner: string, kind: string): Promise<readonly string[]> {
  const [records] = await store.read(owner, [{ kind }]);
  assert.ok(records);
  return records.map(({ id }) => id);
}

export type Put = Extract<Write, { do: 'put' }>;

/** A put of a record of kind `thing`. */
export function put(id: string, more: Partial<Omit<Put, 'do' | 'id'>> = {}): Put {
  return { do: 'put', kind: 'thing', id, data: null as Json, ...more };
}

/** How many of the answers are yes. */
export function yes(answers: readonly { readonly ok: boolean }[]): number {
  return answers.filter(({ ok }) => ok).length;
}
