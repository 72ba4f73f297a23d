import { type Applied, applyCommit, jsonOf, readShelf, type Shelf } from '../core/apply-commit.js';
import { MfaError } from '../core/errors.js';
import { ownerPage } from '../core/owner-page.js';
import { steadyClock } from '../core/steady-clock.js';
import type { Commit, Committed, LogRow, Store } from '../core/store.js';
import { logRows } from './memory/log-rows.js';
import { type Slot, type Slots, slots } from './memory/slots.js';

export interface MemoryStoreOptions {
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** Records and counters together, of all owners. Default 100,000. */
  readonly maxEntries?: number;
  /** Audit rows; the oldest go when there are more. Default 10,000. */
  readonly maxLogRows?: number;
}

// Each commit clears away a few, so that memory follows what is alive without a timer and no single commit pays for all.
const SWEPT_PER_COMMIT = 16;

/**
 * Keeps everything in this process: for development, tests, and apps that run as one process and may forget all second-factor
 * state when it ends. When `maxEntries` are alive, a commit that needs one more throws `MfaError('unavailable')`; nothing that
 * is alive is ever dropped for it.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const now = steadyClock(options.clock ?? Date.now);
  const kept = slots(atLeastOne('maxEntries', options.maxEntries ?? 100_000));
  const log = logRows(atLeastOne('maxLogRows', options.maxLogRows ?? 10_000));
  let isClosed = false;

  function time(): number {
    if (isClosed) throw new MfaError('unavailable', 'memoryStore is closed.');
    return now();
  }

  return {
    name: 'memory',
    volatile: true,
    async read(owner, refs) {
      return readShelf(shelf(kept, owner, time()), refs);
    },
    async commit(owner, step) {
      const at = time();
      kept.dropExpired(at, SWEPT_PER_COMMIT);
      const rows = copied(step.log ?? []);
      const own = shelf(kept, owner, at);
      const applied = kept.allOrNothing(() => applyCommit(own, step, at));
      if (applied.ok) log.append(rows);
      return committed(own, step, applied, at);
    },
    async append(rows) {
      time();
      log.append(copied(rows));
    },
    async scan(query) {
      time();
      return log.page(query);
    },
    async owners(query) {
      time();
      return ownerPage(kept.owners(`record ${query.kind}`), query);
    },
    async sweep({ logBefore } = {}) {
      const expired = kept.dropExpired(time(), Number.POSITIVE_INFINITY);
      const old = logBefore === undefined ? 0 : log.drop((row) => row.at < logBefore);
      return { removed: expired + old };
    },
    async forget(owner, only) {
      time();
      if (!only) kept.dropOwner(owner);
      log.drop((row) => row.owner === owner && !only?.rowsBut.includes(row.id));
    },
    async ping() {
      time();
    },
    async close() {
      isClosed = true;
    },
  };
}

function atLeastOne(name: string, value: number): number {
  if (value >= 1) return value;
  throw new MfaError('set_up', `memoryStore: \`${name}\` must be at least 1, but is ${value}.`);
}

function committed(own: Shelf, step: Commit, applied: Applied, now: number): Committed {
  return applied.ok ? { ...applied, records: readShelf(own, step.reads ?? []), now } : { ...applied, now };
}

function copied(rows: readonly LogRow[]): readonly LogRow[] {
  return rows.map((row) => JSON.parse(jsonOf(row)) as LogRow);
}

/** What one owner has at one moment. */
function shelf(kept: Slots, owner: string, now: number): Shelf {
  const entryPlace = (kind: string, key: string) => ({ owner, group: `record ${kind}`, key });
  const counterPlace = (key: string) => ({ owner, group: 'counters', key });
  const live = (slot: Slot | undefined) =>
    slot && (slot.endsAt === undefined || slot.endsAt > now) ? slot : undefined;
  const entryIn = (slot: Slot | undefined) => (slot && 'entry' in slot ? slot.entry : undefined);
  const counterIn = (slot: Slot | undefined) => (slot && 'counter' in slot ? slot.counter : undefined);
  const ends = (endsAt: number | undefined) => (endsAt === undefined ? {} : { endsAt });

  return {
    entry: (kind, id) => entryIn(live(kept.slot(entryPlace(kind, id)))),
    entries: (kind) => kept.group(owner, `record ${kind}`).flatMap(([, slot]) => entryIn(live(slot)) ?? []),
    setEntry: (entry) => kept.set(entryPlace(entry.kind, entry.id), { entry, ...ends(entry.expiresAt) }, now),
    removeEntry: (kind, id) => kept.remove(entryPlace(kind, id)),
    counter: (key) => counterIn(live(kept.slot(counterPlace(key)))),
    setCounter: (key, counter) => kept.set(counterPlace(key), { counter, ...ends(counter.resetAt) }, now),
    clearCounters(prefix) {
      for (const [key] of kept.group(owner, 'counters')) if (key.startsWith(prefix)) kept.remove(counterPlace(key));
    },
  };
}
