/** A store that remembers what it was asked to do: what was written, counted and logged, as the bytes a dump would hold. */
import type { Commit, LogRow, Store } from '../../src/index.js';

export interface SpyStore extends Store {
  /** Commits that change something, and log rows outside commits, since the last `clear`. */
  readonly changes: readonly { readonly owner?: string; readonly step: Commit | readonly LogRow[] }[];
  /** Everything that was ever handed over to be kept, as JSON. */
  dump(): string;
  clear(): void;
}

export function spyStore(inner: Store): SpyStore {
  const changes: { owner?: string; step: Commit | readonly LogRow[] }[] = [];
  const everything: string[] = [];

  function note(change: { owner?: string; step: Commit | readonly LogRow[] }): void {
    changes.push(change);
    everything.push(JSON.stringify(change));
  }

  return {
    ...inner,
    changes,
    dump: () => everything.join('\n'),
    clear: () => void changes.splice(0),
    commit(owner, step) {
      const { writes = [], counters = [], hits = [], log = [] } = step;
      if (writes.some((write) => write.do !== 'check') || counters.length + hits.length + log.length > 0)
        note({ owner, step });
      return inner.commit(owner, step);
    },
    append(rows) {
      note({ step: rows });
      return inner.append(rows);
    },
  };
}
