/**
 * All of the matrix: `npm run matrix`, or a part of it: `npm run matrix -- node=26.10.0 passport=0.4.1`. Ends with 1 where a host fails. `express=4.16.4,5.3.0`
 * names two values.
 */
import { availableParallelism } from 'node:os';
import { AXES, type Axis, type Combination, product, titleOf } from './axes.js';
import { startDatabases } from './databases.js';
import { nodeOf, removeFolders } from './install.js';
import { play } from './play.js';

function chosen(given: readonly string[]): readonly Combination[] {
  const wanted = given.map((one) => {
    const [axis, values] = one.split('=');
    const known = axis !== undefined && axis in AXES ? (AXES[axis as Axis] as readonly string[]) : [];
    const unknown = values?.split(',').filter((value) => !known.includes(value)) ?? [one];
    if (unknown.length > 0) throw new Error(`${one}: axes and values are ${JSON.stringify(AXES, null, 2)}`);
    return { axis: axis as Axis, values: values?.split(',') ?? [] };
  });
  return product(AXES).filter((row) => wanted.every(({ axis, values }) => values.includes(row[axis])));
}

/** `passed/all` for every Node and Express against every Passport and session store. */
function table(rows: readonly Combination[], failed: ReadonlySet<Combination>): string {
  const line = (of: Combination) => `Node ${of.node}, Express ${of.express}`;
  const tried = new Set(rows.flatMap(({ passport, sessions }) => [`Passport ${passport}`, sessions]));
  const columns = [...AXES.passport.map((one) => `Passport ${one}`), ...AXES.sessions].filter((one) => tried.has(one));
  const counted = (some: readonly Combination[]) => `${some.filter((of) => !failed.has(of)).length}/${some.length}`;
  const cells = [...new Set(rows.map(line))].map((name) => {
    const those = rows.filter((of) => line(of) === name);
    const under = (column: string) => those.filter((of) => [`Passport ${of.passport}`, of.sessions].includes(column));
    return [name, ...columns.map((column) => counted(under(column)))];
  });
  return [['', ...columns], columns.map(() => '---').concat('---'), ...cells]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

const rows = chosen(process.argv.slice(2));
const failed = new Set<Combination>();
for (const version of new Set(rows.map(({ node }) => node))) nodeOf(version);
const databases = await startDatabases();
const waiting = [...rows];
let done = 0;

async function work(): Promise<void> {
  for (let of = waiting.shift(); of; of = waiting.shift()) {
    try {
      await play(of, databases);
    } catch (error) {
      failed.add(of);
      console.error(`\nFAILED ${titleOf(of)}\n${error instanceof Error ? error.message : String(error)}`);
    }
    done += 1;
    if (done % 50 === 0) console.error(`${done} of ${rows.length} hosts, ${failed.size} failed`);
  }
}

try {
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
} finally {
  removeFolders();
  await databases.stop();
}
console.log(`${table(rows, failed)}\n\n${rows.length - failed.size} of ${rows.length} hosts passed`);
process.exitCode = failed.size > 0 || rows.length === 0 ? 1 : 0;
