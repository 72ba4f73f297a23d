/** What looking at a send costs in CPU: the signals and the score, without the store. The aim is below a millisecond. */
import { createSealer } from '../src/core/sealing.js';
import type { StoredRecord } from '../src/core/store.js';
import { assessRisk } from '../src/flows/assess-risk.js';
import { placesKnown } from '../src/flows/known-networks.js';
import { BUILT_IN } from '../src/policy/risk/signals.js';
import { riskScore } from '../src/policy/risk.js';
import { type Table, table } from './lib/table.js';

const RUNS = 5_000;

export async function benchRisk(): Promise<Table> {
  const sealer = createSealer(['a secret for the benchmark, long enough']);
  const owner = { owner: 'u:ada' };
  const networks = Array.from({ length: 20 }, (_, place): StoredRecord => {
    const hash = sealer.keyedHash(`network ${place}`);
    return { kind: 'network', id: hash, data: { country: hash }, version: 1, mark: 0, createdAt: 0 };
  });
  const facts = {
    moment: 'send',
    at: Date.now(),
    userId: 'ada',
    user: {},
    ip: '203.0.113.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
    signIns: { ofUser: 4, ofAddress: 30 },
    sends: { ofUser: 3, ofAddress: 6 },
    wrongAnswers: 4,
    line: 'voip',
    simSwappedAt: Date.now() - 3_600_000,
  } as const;
  const check = { signals: BUILT_IN, timeoutMs: 1_000 };
  const signals = await cpuMs(async () => {
    riskScore(await assessRisk({ report: () => undefined }, check, facts));
  });
  const places = await cpuMs(async () => {
    placesKnown({ sealer }, owner, networks, { ip: facts.ip, country: 'DE' });
  });
  return table(
    'The risk check in CPU time',
    ['work', 'ms each'],
    [
      ['seven signals and the score: each send', signals.toFixed(4)],
      ['twenty known networks and countries compared: each sign-in', places.toFixed(4)],
    ],
  );
}

async function cpuMs(work: () => Promise<void>): Promise<number> {
  for (let run = 0; run < RUNS / 10; run += 1) await work();
  const before = process.cpuUsage();
  for (let run = 0; run < RUNS; run += 1) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / RUNS;
}
