/** `npm run bench`: every figure beside its baseline, taken in the same run. */
import { cpus } from 'node:os';
import { benchRequire } from './require.js';
import { benchSignIns } from './sign-in.js';
import { benchStart } from './start.js';
import { benchTrips } from './trips.js';

console.log(`Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}\n`);
for (const bench of [benchStart, benchTrips, benchRequire, benchSignIns]) {
  const { text } = await bench();
  console.log(`${text}\n`);
}
