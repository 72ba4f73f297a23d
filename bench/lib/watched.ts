/** Counts what goes over the wire, at the other end of it. */
import type { Pool } from 'pg';
import type { redisOf } from './host-parts.js';

type Redis = NonNullable<Awaited<ReturnType<typeof redisOf>>>;

/** What the server says it was sent (MONITOR); commands inside scripts are not trips. */
export async function redisMonitor(client: Redis) {
  const monitor = client.duplicate();
  await monitor.connect();
  let commands: string[] = [];
  let marked: (() => void) | undefined;
  await monitor.monitor((line) => {
    const said = String(line);
    const [, command = ''] = /\] "([^"]+)"/.exec(said) ?? [];
    if (said.includes('"the end of a step"')) marked?.();
    else if (!said.includes(' lua]')) commands.push(command.toUpperCase());
  });

  return {
    /** What came since the last question; the answer waits until everything sent before has been seen. */
    async since(): Promise<readonly string[]> {
      const all = new Promise<void>((resolve) => {
        marked = resolve;
      });
      await client.ping('the end of a step');
      await all;
      const seen = commands;
      commands = [];
      return seen;
    },
    async close() {
      monitor.destroy();
    },
  };
}

/** The pool, and how many statements went through it: those of its connections too. */
export function countedPool(pool: Pool) {
  let statements = 0;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    Object.assign(client, {
      query(...given: unknown[]) {
        statements += 1;
        return query(...given);
      },
    });
  });
  return {
    pool,
    since(): number {
      const seen = statements;
      statements = 0;
      return seen;
    },
  };
}
