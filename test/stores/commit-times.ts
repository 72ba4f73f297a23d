import type { Commit, Store } from '../../src/core/store.js';

/** The same commit so many times; answers how often it was ok. A log row whose id is `*` gets one of its own each time, or it would be told to be the same. */
export async function commitTimes(store: Store, owner: string, step: Commit, times: number): Promise<number> {
  let done = 0;
  for (let time = 0; time < times; time++) {
    const log = step.log?.map((row) => (row.id === '*' ? { ...row, id: `${process.pid} ${time}` } : row));
    done += (await store.commit(owner, { ...step, ...(log ? { log } : {}) })).ok ? 1 : 0;
  }
  return done;
}
