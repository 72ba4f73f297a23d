import type { Store } from '../core/store.js';
import { openBench } from './store-contract/bench.js';
import { conditions } from './store-contract/conditions.js';
import { counters } from './store-contract/counters.js';
import { expiry } from './store-contract/expiry.js';
import { json } from './store-contract/json.js';
import { log } from './store-contract/log.js';
import { marks } from './store-contract/marks.js';
import { owners } from './store-contract/owners.js';
import { pauses } from './store-contract/pauses.js';
import { raceOfCounters } from './store-contract/races-of-counters.js';
import { raceOfRecords } from './store-contract/races-of-records.js';
import { records } from './store-contract/records.js';
import { refusals } from './store-contract/refusals.js';
import { settling } from './store-contract/settling.js';
import { walking } from './store-contract/walking.js';

export interface StoreContractOptions {
  /**
   * Opens an empty store for one case: a new file, schema or key prefix. Several handles on the same data (two connections,
   * say) may be returned as a list; the races are then run across them. Each is closed when the case is over.
   *
   * `clock` is what the store is to take for the time, milliseconds since 1970; it stands still unless a case moves it.
   */
  open(clock: () => number): Store | readonly Store[] | Promise<Store | readonly Store[]>;
  /**
   * For a store that takes the time from its server and ignores `clock`: lets at least so many milliseconds go by. The cases then
   * expire things after `tickMs` and ask the store itself what time it is; none expects something to be done within a tick, so a
   * slow machine makes the suite slower and never red.
   */
  advance?(ms: number): Promise<void>;
  /** The shortest time to live in the cases, milliseconds. Default 1000 with the suite's own clock, 40 with `advance`. */
  readonly tickMs?: number;
}

/** One promise of the store port. `run` rejects with an AssertionError where the store breaks it. */
export interface ContractCase {
  readonly name: string;
  run(): Promise<void>;
}

/**
 * What every store must do, for any test runner:
 *
 * ```ts
 * describe('my store', () => {
 *   for (const { name, run } of storeContract({ open: (clock) => myStore({ clock }) })) it(name, run);
 * });
 * ```
 */
export function storeContract(options: StoreContractOptions): readonly ContractCase[] {
  const topics = [
    records,
    conditions,
    marks,
    expiry,
    counters,
    pauses,
    settling,
    log,
    owners,
    walking,
    json,
    refusals,
    raceOfRecords,
    raceOfCounters,
  ];
  return topics.flat().map(([name, check]) => ({
    name,
    async run() {
      const bench = await openBench(options);
      try {
        await check(bench);
      } finally {
        await bench.close();
      }
    },
  }));
}
