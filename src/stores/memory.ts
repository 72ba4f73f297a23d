import { type Applied, applyCommit, readShelf, type Shelf } from '../core/apply-commit.js';
import { checkQuery, checkRefs, checkRows, checkStep } from '../core/check-step.js';
import { MfaError } from '../core/errors.js';
import { ownerPage } from '../core/owner-page.js';
import { steadyClock } from '../core/steady-clock.js';
import type { Commit, Committed, Store } from '../core/store.js';
import { checkName } from '../core/stored-name.js';
import { logRows, writtenDown } from './memory/log-rows.js';
import { groupOf, MemoryShelf } from './memory/shelf.js';
import { slots } from './memory/slots.js';

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
      checkRefs(owner, refs);
      return readShelf(new MemoryShelf(kept, owner, time()), refs);
    },
    async commit(owner, step) {
      checkStep(owner, step);
      const at = time();
      kept.dropExpired(at, SWEPT_PER_COMMIT);
      const rows = writtenDown(step.log ?? []);
      const own = new MemoryShelf(kept, owner, at);
      const applied = kept.allOrNothing(() => applyCommit(own, step, at));
      if (applied.ok) log.append(rows);
      return committed(own, step, applied, at);
    },
    async append(rows) {
      checkRows(rows);
      time();
      log.append(writtenDown(rows));
    },
    async scan(query) {
      checkQuery(query);
      time();
      return log.page(query);
    },
    async owners(query) {
      checkName(query.kind);
      time();
      return ownerPage(kept.owners(groupOf(query.kind)), query);
    },
    async sweep({ logBefore } = {}) {
      const expired = kept.dropExpired(time(), Number.POSITIVE_INFINITY);
      const old = logBefore === undefined ? 0 : log.drop(({ at }) => at < logBefore);
      return { removed: expired + old };
    },
    async forget(owner, only) {
      checkName(owner);
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
