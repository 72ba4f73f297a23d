import { MfaError } from '../core/errors.js';
import type { Store } from '../core/store.js';
import { EPOCH } from './account.js';

/**
 * Which owners' proofs have ended, known in the process: so that a request needs no store call to know that its proof is still good. Epochs that grew are
 * read from the log in the background; what this process does itself it knows at once.
 */
export interface EpochWatch {
  /** True while a proof of that epoch, made at that time, is good as far as this process can know. Throws where the knowledge is stale. */
  isCurrent(owner: string, epoch: number, madeAt: number): boolean | 'ask-the-store';
  /** Asks the store itself: for `strict` rules and for proofs older than the log remembers. */
  isCurrentInStore(owner: string, epoch: number): Promise<boolean>;
  note(owner: string, epoch: number): void;
  /** Resolves when what is known is fresh enough to decide; rejects when the store cannot be read. */
  ready(): Promise<void>;
  /** For health: how old what is known is, and whether the last reading failed. `idle`: nobody has asked for a while. */
  freshness(): { readonly state: 'fresh' | 'idle' | 'failing'; readonly ageMs?: number };
  close(): void;
}

/** At most so late: the promise of `mfa.require()`. */
const STALE_AFTER_MS = 5_000;
const REFRESH_EVERY_MS = 2_000;
/** Rows of transactions that began earlier and ended later, and of processes whose clocks are behind this one's: so far may they differ. */
const OVERLAP_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;
const REMEMBERS_MS = 30 * DAY_MS;
/** Log rows younger than this must stay: a process that starts reads from them which proofs have ended. A day more, for clocks that differ. */
export const BUMPS_KEPT_MS = REMEMBERS_MS + DAY_MS;

export function createEpochWatch({
  store,
  clock,
  monotonic,
}: {
  store: Store;
  clock: () => number;
  monotonic: () => number;
}): EpochWatch {
  /** Oldest news first. */
  const epochs = new Map<string, { readonly epoch: number; readonly at: number }>();
  let readUpTo = clock() - REMEMBERS_MS;
  let freshAt: number | undefined;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isFailing = false;

  const known = (owner: string) => epochs.get(owner)?.epoch ?? 0;

  function note(owner: string, epoch: number): void {
    if (known(owner) >= epoch) return;
    epochs.delete(owner);
    epochs.set(owner, { epoch, at: clock() });
  }

  /** Proofs older than what is remembered are looked up in the store, so that nobody's news has to be kept for ever. */
  function forgetOldNews(): void {
    for (const [owner, { at }] of epochs) {
      if (at >= clock() - BUMPS_KEPT_MS) return;
      epochs.delete(owner);
    }
  }

  async function refresh(): Promise<void> {
    const startedAt = monotonic();
    const scannedAt = clock();
    // A clock that was set back since would look only at what is to come.
    const from = Math.min(readUpTo, scannedAt) - OVERLAP_MS;
    let cursor: string | undefined;
    do {
      const page = await store.scan({
        bumps: true,
        from,
        order: 'asc',
        limit: 500,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const row of page.rows) {
        if (row.owner !== undefined && row.epoch !== undefined) note(row.owner, row.epoch);
      }
      cursor = page.next;
    } while (cursor !== undefined);
    // This process's own clock, never that of a row: one writer ahead of the others would make the rows of all others look read.
    readUpTo = scannedAt;
    forgetOldNews();
    freshAt = startedAt;
    isFailing = false;
  }

  /** One at a time; the timer only runs while somebody asks. */
  function refreshOnce(): Promise<void> {
    running ??= refresh()
      .catch((error: unknown) => {
        isFailing = true;
        throw error;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  function keepFresh(): void {
    if (timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      refreshOnce().catch(() => undefined);
    }, REFRESH_EVERY_MS);
    timer.unref();
  }

  const isFresh = () => freshAt !== undefined && monotonic() - freshAt <= STALE_AFTER_MS;

  return {
    note,
    isCurrent(owner, epoch, madeAt) {
      if (!isFresh()) throw new MfaError('unavailable', 'express-mfa: the list of ended proofs is stale.');
      keepFresh();
      if (known(owner) > epoch) return false;
      return madeAt < clock() - REMEMBERS_MS ? 'ask-the-store' : true;
    },
    async isCurrentInStore(owner, epoch) {
      const [rows = []] = await store.read(owner, [EPOCH]);
      const current = rows[0]?.mark ?? 0;
      note(owner, current);
      return current === epoch;
    },
    async ready() {
      if (!isFresh()) await refreshOnce();
      keepFresh();
    },
    freshness() {
      const age = freshAt === undefined ? {} : { ageMs: Math.round(monotonic() - freshAt) };
      if (isFailing) return { state: 'failing', ...age };
      return { state: isFresh() ? 'fresh' : 'idle', ...age };
    },
    close() {
      if (timer) clearTimeout(timer);
    },
  };
}
