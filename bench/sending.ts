/** (g) A code sent, a code checked and a carrier's webhook, against the same HTTP call or signature check in the same app with nothing around it. */
import { request } from 'node:http';
import { type SignedCall, telnyxSigner, telnyxVerifyEvent } from '../test/doubles/callbacks.js';
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

const BARE = {
  'bare send': 'bare send',
  send: 'bare send',
  'bare check': 'bare check',
  verify: 'bare check',
  'bare webhook': 'bare webhook',
  webhook: 'bare webhook',
} as const;
const STEPS = Object.keys(BARE) as (keyof typeof BARE)[];
type Step = (typeof STEPS)[number];

/** The floors the library was asked for: so many a second. */
const FLOOR = (step: Step) => (step.endsWith('webhook') ? 500 / 60 : 1_000 / 60);

/** Turns that make one slice: one alone takes so short that what else the machine does shows. */
const TURNS = 5;

export async function benchSending({ warmUp, slices, connections }: Size): Promise<Table> {
  const carrier = await telnyxDouble();
  const signer = telnyxSigner();
  let days = 0;
  const app = await Contestant.start('express-mfa', 'sending', {
    BENCH_CARRIER: carrier.baseUrl,
    BENCH_KEY: carrier.apiKey,
    BENCH_PROFILE: carrier.verifyProfileId,
    BENCH_SIGNER: signer.publicKey,
  });
  const atOnce = Math.min(16, Math.max(...connections));
  const people = Array.from({ length: PEOPLE }, () => new Client(app.port));
  const seen = Object.fromEntries(STEPS.map((step) => [step, []])) as unknown as Record<Step, Measured[]>;
  const warmUpTurns = Math.ceil(warmUp / PEOPLE);

  async function all(step: Step, work: (client: Client, person: number) => Promise<number>): Promise<void> {
    await app.cost();
    const started = performance.now();
    await eachAtOnce(atOnce, people, async (client, person) => {
      const status = await work(client, person);
      if (status !== 200 && status !== 202 && status !== 204) throw new Error(`${step}, person ${person}: ${status}`);
    });
    const seconds = (performance.now() - started) / 1_000;
    const { cpuMicros } = await app.cost();
    seen[step].push({ perSecond: PEOPLE / seconds, cpu: cpuMicros / PEOPLE });
  }

  for (let turn = 0; turn < warmUpTurns + slices * TURNS; turn += 1) {
    // A server that has just started is mostly compiling.
    if (turn === warmUpTurns) for (const step of STEPS) seen[step].length = 0;
    // A day later every budget is new.
    await app.ask({ ask: 'advance', ms: 86_400_000 });
    days += 1;
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
    const newest = new Map([...carrier.verifications.values()].map(({ id, phone_number: to }) => [to, id]));
    const events = people.map((_, person) => telnyxVerifyEvent(newest.get(numberOf(person)) ?? ''));
    const signed = (path: string) => async (_client: Client, person: number) => {
      const call = signer.call(path, events[person] ?? {}, Date.now() + days * 86_400_000);
      return await told(app.port, call);
    };
    await all('bare webhook', signed('/bare/webhook'));
    await all('webhook', signed('/webhooks/telnyx'));
    for (const client of people) client.forget();
  }
  for (const client of people) client.close();
  await app.stop();
  await carrier.close();
  return table(
    'Codes by text message, over a carrier on this machine, memory',
    ['step', 'a second', 'CPU each', 'spread', 'against the bare call', 'a second of CPU serves', 'times the floor'],
    STEPS.map((step) => row(step, inSlices(seen[step]), inSlices(seen[BARE[step]]))),
    'The floor is 1,000 verifications and 500 webhooks a minute. A send counts seven budgets and a lock, writes down before the call, and leaves an audit row; the bare one counts nothing. The bare webhook is the signature alone; ours finds the send, notes it once and leaves a row.',
  );
}

function told(port: number, { url: path, headers, body }: SignedCall): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, method: 'POST', path, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    call.on('error', reject);
    call.end(body);
  });
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

function inSlices(turns: readonly Measured[]): readonly Measured[] {
  return Array.from({ length: turns.length / TURNS }, (_, slice) => {
    const own = turns.slice(slice * TURNS, (slice + 1) * TURNS);
    const mean = (of: (turn: Measured) => number) => own.reduce((sum, turn) => sum + of(turn), 0) / own.length;
    return { perSecond: 1 / mean(({ perSecond }) => 1 / perSecond), cpu: mean(({ cpu }) => cpu) };
  });
}

function row(step: Step, slices: readonly Measured[], bare: readonly Measured[]): string[] {
  const cpu = median(slices.map((one) => one.cpu));
  return [
    step,
    median(slices.map((one) => one.perSecond)).toFixed(0),
    `${cpu.toFixed(0)} µs`,
    spread(slices.map((one) => one.cpu)),
    `${median(slices.map((one, index) => one.cpu / (bare[index]?.cpu ?? one.cpu))).toFixed(2)} ×`,
    (1e6 / cpu).toFixed(0),
    `${(1e6 / cpu / FLOOR(step)).toFixed(0)} ×`,
  ];
}
