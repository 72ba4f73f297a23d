/** A second process on the same schema. It does what its parent asks, one thing at a time, and answers with what came of it. */
import { writeSync } from 'node:fs';
import pg from 'pg';
import type { Commit, Store } from '../../src/core/store.js';
import { migrate, type PostgresPool, postgresStore } from '../../src/stores/postgres.js';
import { answerTasks } from '../support/answer-tasks.js';
import { poolThat } from '../support/postgres-pool.js';
import { commitTimes } from './commit-times.js';
import { pair, writePairs } from './pairs.js';

export interface Place {
  readonly url: string;
  readonly schema: string;
}

export type Task =
  | ({ readonly do: 'open' } & Place)
  | ({ readonly do: 'migrate' } & Place)
  /** The same commit so many times; answers how often it was ok. */
  | { readonly do: 'commit'; readonly owner: string; readonly step: Commit; readonly times: number }
  /** Writes pairs that belong together for ever. Says one dot on stdout for each of the first `dots` commits. */
  | { readonly do: 'pairs'; readonly owner: string; readonly dots: number }
  /** Does one pair, in a transaction of several statements, and never ends it. Says one dot on stdout when there. */
  | ({ readonly do: 'stop half-way'; readonly owner: string } & Place);

let store: Store;
answerTasks(perform);

async function perform(task: Task): Promise<number> {
  switch (task.do) {
    case 'open':
      store = postgresStore({ pool: new pg.Pool({ connectionString: task.url, max: 2 }), schema: task.schema });
      await store.ping();
      return 0;
    case 'migrate':
      return (await migrate(new pg.Pool({ connectionString: task.url, max: 1 }), { schema: task.schema })).from;
    case 'commit':
      return await commitTimes(store, task.owner, task.step, task.times);
    case 'pairs':
      return await writePairs(store, task.owner, task.dots);
    case 'stop half-way': {
      const options = '-c default_transaction_isolation=serializable';
      const pool = new pg.Pool({ connectionString: task.url, max: 2, options });
      const halting = postgresStore({ pool: stopping(pool), schema: task.schema });
      await halting.commit(task.owner, pair(task.owner, -1));
      return 0;
    }
  }
}

/** Stops for ever before it commits. */
function stopping(pool: pg.Pool): PostgresPool {
  return poolThat(pool, ({ text }) => {
    if (text !== 'COMMIT') return;
    writeSync(1, '.');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}
