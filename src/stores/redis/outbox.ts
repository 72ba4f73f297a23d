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
  move(ownerKey: string, rows: Reply['outbox']): Promise<void>;
  /** The same for a commit that has happened: it can neither fail any more nor wait for long. */
  tryToMove(ownerKey: string, rows: Reply['outbox']): Promise<void>;
}

const LONGEST_MS = 400;
const take = script(TAKE);

export function outbox(connection: Connection, log: Log): Outbox {
  async function move(ownerKey: string, rows: Reply['outbox']): Promise<void> {
    if (rows.length === 0) return;
    await log.append(rows.map(([, json]) => rowOf(json)));
    await connection.run(take, [ownerKey], ...rows.map(([id]) => id));
  }

  return {
    move,
    async tryToMove(ownerKey, rows) {
      if (rows.length === 0) return;
      const enough = new AbortController();
      const given = later(LONGEST_MS, undefined, { signal: enough.signal }).catch(() => {});
      const moved = move(ownerKey, rows).catch(() => {});
      await Promise.race([moved, given]);
      enough.abort();
    },
  };
}
