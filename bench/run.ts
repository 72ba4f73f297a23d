/** `npm run bench`: every figure beside its baseline, taken in the same run. `--quick` only shows that all of it runs; `--only=sign-in,trips` runs some of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchAudit } from './audit.js';
import type { Setup } from './lib/engines.js';
import { FULL, QUICK } from './lib/size.js';
import type { Table } from './lib/table.js';
import { benchPending, benchPendingInRedis } from './pending.js';
import { benchRequire } from './require.js';
import { benchRisk } from './risk.js';
import { benchSending } from './sending.js';
import { benchSignIns } from './sign-in.js';
import { benchStart } from './start.js';
import { benchTrips } from './trips.js';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const size = values.quick ? QUICK : FULL;
const setups: readonly Setup[] = ['memory', 'Redis', 'Redis + PostgreSQL'];

const benches: Readonly<Record<string, readonly (() => Promise<Table | undefined>)[]>> = {
  start: [() => benchStart(size)],
  trips: setups.map((setup) => () => benchTrips(setup)),
  require: [() => benchRequire(size)],
  'sign-in': setups.map((setup) => () => benchSignIns(setup, size)),
  pending: [() => benchPending(size), () => benchPendingInRedis(size)],
  audit: [() => benchAudit(size)],
  sending: [() => benchSending(size)],
  risk: [() => benchRisk()],
};

const busy = loadavg().map((load) => load.toFixed(1));
const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; load before the run ${busy.join(', ')}`;
console.log(`${machine}\n`);
const folder = fileURLToPath(new URL('../../results/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const name of values.only?.split(',') ?? Object.keys(benches)) {
  const texts: string[] = [];
  for (const bench of benches[name] ?? []) {
    const made = await bench();
    texts.push(made?.text ?? `(${name}: left out, what it needs is not on this machine)`);
    console.log(`${texts.at(-1)}\n`);
  }
  if (!values.quick) writeFileSync(`${folder}${name}.md`, `${machine}\n\n${texts.join('\n\n')}\n`);
}
