/** A second process on the same schema. It does what its parent asks, one thing at a time, and answers with what came of it. */
import { writeSync } from 'node:fs';
import pg from 'pg';
import type { Commit } from '../../src/core/store.js';
import { migrate, type PostgresPool, postgresStore } from '../../src/stores/postgres.js';
import { poolThat } from '../support/postgres-pool.js';

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

let store: ReturnType<typeof postgresStore> | undefined;

process.on('message', (task: Task) => {
  perform(task).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ answer: 'ready' });

async function perform(task: Task): Promise<number> {
  switch (task.do) {
    case 'open':
      store = postgresStore({ pool: new pg.Pool({ connectionString: task.url, max: 2 }), schema: task.schema });
      await store.ping();
      return 0;
    case 'migrate':
      return (await migrate(new pg.Pool({ connectionString: task.url, max: 1 }), { schema: task.schema })).from;
    case 'commit':
      return await commitTimes(task.owner, task.step, task.times);
    case 'pairs':
      return await writePairs(task.owner, task.dots);
    case 'stop half-way': {
      const options = '-c default_transaction_isolation=serializable';
      const pool = new pg.Pool({ connectionString: task.url, max: 2, options });
      const halting = postgresStore({ pool: stopping(pool), schema: task.schema });
      await halting.commit(task.owner, pair(-1));
      return 0;
    }
  }
}

async function commitTimes(owner: string, step: Commit, times: number): Promise<number> {
  let done = 0;
  for (let time = 0; time < times; time++) done += (await store?.commit(owner, step))?.ok ? 1 : 0;
  return done;
}

async function writePairs(owner: string, dots: number): Promise<never> {
  for (let value = 1; ; value++) {
    await store?.commit(owner, pair(value));
    // Few enough to fit the pipe: a full one would end the work.
    if (value <= dots) writeSync(1, '.');
  }
}

function pair(value: number): Commit {
  return {
    hits: [{ key: 'pairs', limit: Number.MAX_SAFE_INTEGER }],
    writes: [
      { do: 'put', kind: 'left', id: 'a', data: value },
      { do: 'put', kind: 'right', id: 'a', data: value },
      { do: 'bump', kind: 'epoch', id: 'e' },
    ],
    log: [{ id: `row ${value}`, at: value, type: 'pair', data: value }],
  };
}

/** Stops for ever before it commits. */
function stopping(pool: pg.Pool): PostgresPool {
  return poolThat(pool, ({ text }) => {
    if (text !== 'COMMIT') return;
    writeSync(1, '.');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}
