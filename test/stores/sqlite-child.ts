/** A second process on the same file. It does what its parent asks, one thing at a time, and answers with what came of it. */
import { writeSync } from 'node:fs';
import Database from 'libsql';
import type { Commit, Store } from '../../src/core/store.js';
import { type SqliteHandle, sqliteStore } from '../../src/stores/sqlite.js';
import { answerTasks } from '../support/answer-tasks.js';
import { commitTimes } from './commit-times.js';
import { pair, writePairs } from './pairs.js';

export type Task =
  | { readonly do: 'open'; readonly path: string }
  /** The same commit so many times; answers how often it was ok. */
  | { readonly do: 'commit'; readonly owner: string; readonly step: Commit; readonly times: number }
  /** Writes pairs that belong together for ever. Says one dot on stdout for each of the first `dots` commits. */
  | { readonly do: 'pairs'; readonly owner: string; readonly dots: number }
  /** Stops in the middle of a transaction for ever, after its first write. Says one dot on stdout when there. */
  | { readonly do: 'stop half-way'; readonly path: string; readonly owner: string };

let store: Store;
answerTasks(perform);

async function perform(task: Task): Promise<number> {
  switch (task.do) {
    case 'open':
      store = sqliteStore({ path: task.path });
      await store.ping();
      return 0;
    case 'commit':
      return await commitTimes(store, task.owner, task.step, task.times);
    case 'pairs':
      return await writePairs(store, task.owner, task.dots);
    case 'stop half-way':
      store = sqliteStore({ database: stopping(new Database(task.path)) });
      await store.commit(task.owner, pair(task.owner, -1));
      return 0;
  }
}

function stopping(handle: SqliteHandle): SqliteHandle {
  return {
    exec: (sql) => handle.exec(sql),
    close: () => handle.close(),
    prepare(sql) {
      const statement = handle.prepare(sql);
      return {
        all: (...values) => statement.all(...values),
        run(...values) {
          const result = statement.run(...values);
          if (sql.startsWith('INSERT INTO mfa_records')) {
            writeSync(1, '.');
            // Not for ever: nothing else would end this process if its parent were gone.
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
            process.exit(1);
          }
          return result;
        },
      };
    },
  };
}
