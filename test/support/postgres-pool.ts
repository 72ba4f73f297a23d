import type pg from 'pg';
import type { PostgresPool, PostgresQuery } from '../../src/stores/postgres.js';

/** The pool, telling `before` each statement that is about to be run. */
export function poolThat(real: pg.Pool, before: (query: PostgresQuery) => void): PostgresPool {
  return {
    async connect() {
      const client = await real.connect();
      return {
        async query(query) {
          before(query);
          return await client.query(query);
        },
        on: (event, listener) => client.on(event, listener),
        removeListener: (event, listener) => client.removeListener(event, listener),
        release: (destroy) => client.release(destroy),
      };
    },
  };
}
