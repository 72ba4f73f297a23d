/** (e) What a pending sign-in costs in memory, and what one more sign-in costs when very many are waiting. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startEngines } from './lib/engines.js';
import type { Size } from './lib/size.js';
import { type Table, table } from './lib/table.js';

interface Measured {
  readonly bytesEach: number;
  readonly cpuMicrosEach: number;
  /** Undefined where the server, not this process, keeps them. */
  readonly serverMicrosEach?: number;
}

export async function benchPending({ pending }: Size): Promise<Table> {
  const rows: string[][] = [];
  for (const count of pending) {
    const { bytesEach, cpuMicrosEach } = await measured(count, {});
    rows.push([count.toLocaleString('en'), `${bytesEach.toFixed(0)} bytes`, `${cpuMicrosEach.toFixed(1)} µs`]);
  }
  return table(
    'Pending sign-ins in the memory store',
    ['waiting', 'memory each', 'CPU of the store calls of one more sign-in'],
    rows,
    'Each is a user of its own with one enrolment besides; both are counted.',
  );
}

export async function benchPendingInRedis({ pendingInRedis }: Size): Promise<Table | undefined> {
  const rows: string[][] = [];
  for (const count of pendingInRedis) {
    const engines = await startEngines('Redis');
    if (!engines) return undefined;
    try {
      const { bytesEach, cpuMicrosEach, serverMicrosEach } = await measured(count, engines.env);
      rows.push([
        count.toLocaleString('en'),
        `${bytesEach.toFixed(0)} bytes`,
        `${cpuMicrosEach.toFixed(0)} µs`,
        `${(serverMicrosEach ?? 0).toFixed(0)} µs`,
      ]);
    } finally {
      await engines.stop();
    }
  }
  return table(
    'Pending sign-ins in Redis',
    ['waiting', "of the server's memory, each", 'CPU here, one more sign-in', "the server's time in its scripts"],
    rows,
  );
}

/** In a process of its own, so that nothing else is in its memory. */
async function measured(count: number, env: Readonly<Record<string, string>>): Promise<Measured> {
  const path = fileURLToPath(new URL('./pending-child.js', import.meta.url));
  const child = fork(path, [String(count)], {
    execArgv: ['--expose-gc', '--max-old-space-size=6144'],
    env: { ...process.env, ...env },
  });
  const [answer] = (await once(child, 'message')) as [Measured];
  child.kill();
  return answer;
}
