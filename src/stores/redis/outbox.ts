import { setTimeout as later } from 'node:timers/promises';
import { type Connection, script } from './connection.js';
import type { Log } from './log.js';
import { rowOf } from './log-rows.js';
import { TAKE } from './lua-commit.js';
import type { Reply } from './replies.js';

/**
 * On a cluster the log is in another slot than the owner, and no commit reaches two. The rows are therefore written into the owner's
 * outbox by the commit itself, and moved to the log right after. What a crash or an outage leaves there is moved by the owner's
 * next commit, or by `sweep`; a row that is moved twice is in the log once, by its id.
 */
export interface Outbox {
  /** Moves the rows; throws where it cannot. */
  move(owner: string, rows: Reply['outbox']): Promise<void>;
  /** The same for a commit that has happened: it can neither fail any more nor wait for long. The rows are in the log when it ends well. */
  tryToMove(owner: string, rows: Reply['outbox']): Promise<void>;
  /** Owners whose rows this process could not move, `MOST_LEFT` at most. */
  readonly left: ReadonlySet<string>;
}

/** So that a long outage of the log fills no process; then `sweep` looks everywhere again. */
export const MOST_LEFT = 10_000;

const LONGEST_MS = 400;
const take = script(TAKE);

export function outbox(connection: Connection, log: Log, keyOf: (owner: string) => string): Outbox {
  const left = new Set<string>();

  function remember(owner: string): void {
    if (left.size < MOST_LEFT) left.add(owner);
  }

  async function append(rows: Reply['outbox']): Promise<void> {
    await log.append(rows.map(([, json]) => rowOf(json)));
  }

  async function empty(owner: string, rows: Reply['outbox']): Promise<void> {
    await connection.run(take, [keyOf(owner)], ...rows.map(([id]) => id));
    left.delete(owner);
  }

  /** Nobody waits for the emptying: a row that is in both places is in the log once. */
  async function appendAndLeave(owner: string, rows: Reply['outbox']): Promise<void> {
    try {
      await append(rows);
      void empty(owner, rows).catch(() => remember(owner));
    } catch {
      remember(owner);
    }
  }

  return {
    left,
    async move(owner, rows) {
      if (rows.length === 0) return;
      await append(rows);
      await empty(owner, rows);
    },
    async tryToMove(owner, rows) {
      if (rows.length === 0) return;
      const enough = new AbortController();
      const given = later(LONGEST_MS, undefined, { signal: enough.signal }).catch(() => {});
      await Promise.race([appendAndLeave(owner, rows), given]);
      enough.abort();
    },
  };
}
