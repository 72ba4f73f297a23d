/** (d) What the import costs above what every such app imports anyway: time and memory, each in a fresh process. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Size } from './lib/size.js';
import { median, spread, type Table, table } from './lib/table.js';

/** As it is published, where `npm run build` was; or file by file. */
const PUBLISHED = new URL('../../../dist/index.js', import.meta.url);
const LIBRARY = (existsSync(PUBLISHED) ? PUBLISHED : new URL('../src/index.js', import.meta.url)).href;
const PEERS = "await import('express'); await import('express-session'); await import('passport');";
const CASES = {
  'express + express-session + passport': PEERS,
  '... + express-mfa': `${PEERS} const t = performance.now(); await import(${JSON.stringify(LIBRARY)}); own = performance.now() - t;`,
};

export async function benchStart({ startRuns: runs }: Size): Promise<Table> {
  const seen = Object.entries(CASES).map(([name, code]) => ({ name, code, own: [] as number[], rss: [] as number[] }));
  for (let run = 0; run < runs; run += 1) {
    for (const one of seen) {
      const script = `let own = 0; ${one.code} console.log(JSON.stringify({ own, rss: process.memoryUsage().rss }));`;
      const { own, rss } = JSON.parse(
        execFileSync(process.execPath, ['--input-type=module', '-e', script], {
          cwd: fileURLToPath(new URL('../../../', import.meta.url)),
          encoding: 'utf8',
        }),
      ) as { own: number; rss: number };
      one.own.push(own);
      one.rss.push(rss / 2 ** 20);
    }
  }
  const base = median(seen[0]?.rss ?? []);
  const rows = seen.map(({ name, own, rss }, index) => [
    name,
    index === 0 ? '' : `${median(own).toFixed(0)} ms (${spread(own)})`,
    `${median(rss).toFixed(1)} MiB`,
    index === 0 ? '' : `+${(median(rss) - base).toFixed(1)} MiB`,
  ]);
  return table('Import above the peers', ['imports', 'own time', 'memory', 'above the peers'], rows);
}
