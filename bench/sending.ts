/** (g) A code sent, and a code checked, against the same HTTP call to the same carrier in the same app with nothing around it. */
import { telnyxDouble } from '../test/doubles/telnyx.js';
import { Client } from './lib/client.js';
import { Contestant } from './lib/contestant.js';
import { numberOf } from './lib/numbers.js';
import { PASSWORD, PEOPLE } from './lib/people.js';
import type { Size } from './lib/size.js';
import { median, spread, type Table, table } from './lib/table.js';

interface Measured {
  readonly perSecond: number;
  readonly cpu: number;
}

const STEPS = ['bare send', 'send', 'bare check', 'verify'] as const;
type Step = (typeof STEPS)[number];

/** The floor the library was asked for: a thousand verifications a minute. */
const FLOOR = 1_000 / 60;

export async function benchSending({ slices, connections }: Size): Promise<Table> {
  const carrier = await telnyxDouble();
  const app = await Contestant.start('express-mfa', 'sending', {
    BENCH_CARRIER: carrier.baseUrl,
    BENCH_KEY: carrier.apiKey,
    BENCH_PROFILE: carrier.verifyProfileId,
  });
  const atOnce = Math.min(16, Math.max(...connections));
  const people = Array.from({ length: PEOPLE }, () => new Client(app.port));
  const seen: Record<Step, Measured[]> = { 'bare send': [], send: [], 'bare check': [], verify: [] };

  async function all(step: Step, work: (client: Client, person: number) => Promise<number>): Promise<void> {
    await app.cost();
    const started = performance.now();
    await eachAtOnce(atOnce, people, async (client, person) => {
      const status = await work(client, person);
      if (status !== 200 && status !== 202) throw new Error(`${step}, person ${person}: ${status}`);
    });
    const seconds = (performance.now() - started) / 1_000;
    const { cpuMicros } = await app.cost();
    seen[step].push({ perSecond: PEOPLE / seconds, cpu: cpuMicros / PEOPLE });
  }

  for (let turn = 0; turn <= slices; turn += 1) {
    // A day later every budget is new.
    await app.ask({ ask: 'advance', ms: 86_400_000 });
    carrier.arrivals.length = 0;
    carrier.exchanges.length = 0;
    const factorIds = await parked(people, atOnce);
    const refs: string[] = [];
    await all('bare send', async (client, person) => {
      const answer = await client.post('/bare/send', { to: numberOf(person) });
      refs[person] = (JSON.parse(answer.body) as { data: { id: string } }).data.id;
      return answer.status;
    });
    const codes = people.map((_, person) => carrier.codeFor(numberOf(person)) ?? '');
    await all('send', async (client, person) => {
      const { status } = await client.post('/mfa/challenge', { factorId: factorIds[person] });
      return status;
    });
    await all('bare check', async (client, person) => {
      const { status } = await client.post('/bare/check', { ref: refs[person], code: codes[person] });
      return status;
    });
    const right = people.map((_, person) => carrier.codeFor(numberOf(person)) ?? '');
    await all('verify', async (client, person) => {
      const code = right[person] ?? '';
      const { status } = await client.post('/mfa/challenge/verify', { factorId: factorIds[person], code });
      return status;
    });
    for (const client of people) client.forget();
  }
  for (const client of people) client.close();
  await app.stop();
  await carrier.close();
  return table(
    'Codes by text message, over a carrier on this machine, memory',
    ['step', 'a second', 'CPU each', 'spread', 'against the bare call', 'a second of CPU serves', 'times the floor'],
    STEPS.map((step) => row(seen, step)),
    'The floor is 1,000 verifications a minute. A send here counts eight budgets, seals and writes down before the call, and leaves an audit row; the bare one counts nothing.',
  );
}

/** Everybody's password, and the id of their phone. */
async function parked(people: readonly Client[], atOnce: number): Promise<string[]> {
  const ids: string[] = [];
  await eachAtOnce(atOnce, people, async (client, person) => {
    const { body } = await client.post('/login', { username: `person-${person}`, password: PASSWORD });
    ids[person] = (JSON.parse(body) as { factors: { factorId: string }[] }).factors[0]?.factorId ?? '';
  });
  return ids;
}

async function eachAtOnce<T>(
  atOnce: number,
  list: readonly T[],
  work: (one: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const index = next;
      next += 1;
      await work(list[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function row(seen: Record<Step, Measured[]>, step: Step): string[] {
  // The first turn is mostly compiling.
  const slices = seen[step].length > 1 ? seen[step].slice(1) : seen[step];
  const bare = seen[step === 'send' || step === 'bare send' ? 'bare send' : 'bare check'].slice(-slices.length);
  const cpu = median(slices.map((one) => one.cpu));
  return [
    step,
    median(slices.map((one) => one.perSecond)).toFixed(0),
    `${cpu.toFixed(0)} µs`,
    spread(slices.map((one) => one.cpu)),
    `${median(slices.map((one, index) => one.cpu / (bare[index]?.cpu ?? one.cpu))).toFixed(2)} ×`,
    (1e6 / cpu).toFixed(0),
    `${(1e6 / cpu / FLOOR).toFixed(0)} ×`,
  ];
}
