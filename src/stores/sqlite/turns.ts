import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isBusy } from './handle.js';

/** Waits for the write lock of the file without holding up the thread. */
export interface Turns {
  /** One after another in this process. Throws what `work` throws; "busy" only when the time is over. */
  take<T>(work: () => T): Promise<T>;
}

const LONGEST_PAUSE_MS = 4;

/**
 * SQLite's own waiting sleeps on the thread, and for longer and longer: under load everything else in the process stands still, and
 * whoever waited longest asks most seldom. So it is told to wait hardly at all, and asked again after a short time that is left to
 * chance. What was refused as busy was taken back whole.
 */
export function turns(waitMs: number): Turns {
  let last: Promise<unknown> = Promise.resolve();

  async function insist<T>(work: () => T, until: number): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || performance.now() >= until) throw error;
      }
      await pause(randomInt(1, LONGEST_PAUSE_MS + 1));
    }
  }

  return {
    take(work) {
      const until = performance.now() + waitMs;
      const mine = last.then(() => insist(work, until));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
