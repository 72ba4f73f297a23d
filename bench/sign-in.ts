/** (a) Complete sign-ins: password, code, signed in. Against the same app written by hand, and against better-auth, in one run, in turns. */
import { Client } from './lib/client.js';
import { Contestant } from './lib/contestant.js';
import { type Setup, startEngines } from './lib/engines.js';
import { type Flow, flowsOn } from './lib/flows.js';
import { codeOf, PEOPLE } from './lib/people.js';
import type { Size } from './lib/size.js';
import { median, spread, type Table, table } from './lib/table.js';

interface Entrant {
  readonly flow: Flow;
  readonly contestant: Contestant;
  offset: number;
}

/** Everybody signs in once, over so many connections; then two steps pass for the server. */
async function round({ flow, contestant, offset }: Entrant, connections: number): Promise<number> {
  let next = 0;
  let done = 0;
  const clients = Array.from({ length: connections }, () => new Client(contestant.port));
  await Promise.all(
    clients.map(async (client) => {
      while (next < PEOPLE) {
        const person = next;
        next += 1;
        // notp, below passport-totp, refuses some right codes that begin with a zero; nobody meets those here.
        if (codeOf(person, Date.now() + offset).startsWith('0')) continue;
        client.forget();
        await flow.signIn(client, person, Date.now() + offset);
        done += 1;
      }
      client.close();
    }),
  );
  return done;
}

/** Rounds until the time is up, and so many have signed in. What it cost the server. */
async function slice(
  entrant: Entrant,
  connections: number,
  least: { readonly ms?: number; readonly signIns?: number },
) {
  const { contestant } = entrant;
  const { ms = 0, signIns: people = 0 } = least;
  await contestant.cost();
  const started = performance.now();
  let signIns = 0;
  do {
    entrant.offset += 60_000;
    await contestant.ask({ ask: 'advance', ms: 60_000 });
    signIns += await round(entrant, connections);
  } while (performance.now() - started < ms || signIns < people);
  const seconds = (performance.now() - started) / 1000;
  const { cpuMicros } = await contestant.cost();
  return { perSecond: signIns / seconds, cpuPerSignIn: cpuMicros / signIns };
}

export async function benchSignIns(setup: Setup, size: Size): Promise<Table | undefined> {
  const engines = await startEngines(setup);
  if (!engines) return undefined;
  const entrants: Entrant[] = [];
  try {
    for (const flow of flowsOn(setup)) {
      const contestant = await Contestant.start(flow.name, flow.file, { ...engines.env, ...flow.env });
      entrants.push({ flow, contestant, offset: 0 });
    }
    for (const entrant of entrants) await slice(entrant, 16, { signIns: size.warmUp });
    return await compare(setup, entrants, size);
  } finally {
    await Promise.all(entrants.map(({ contestant }) => contestant.stop()));
    await engines.stop();
  }
}

async function compare(setup: Setup, entrants: readonly Entrant[], size: Size): Promise<Table> {
  const rows: (readonly string[])[] = [];
  for (const connections of size.connections) {
    const seen = entrants.map((entrant) => ({ entrant, perSecond: [] as number[], cpu: [] as number[] }));
    // The first slice warms up; the others take turns, so that a busy moment of the machine is shared.
    for (let turn = 0; turn <= size.slices; turn += 1) {
      for (const { entrant, perSecond, cpu } of seen) {
        const result = await slice(entrant, connections, { ms: size.sliceMs });
        if (turn === 0) continue;
        perSecond.push(result.perSecond);
        cpu.push(result.cpuPerSignIn);
      }
    }
    const against = (name: string, mine: readonly number[]) => {
      const other = seen.find(({ entrant }) => entrant.flow.name === name);
      // Slice by slice: both of a pair were taken in the same busy moment.
      const ratios = other?.cpu.map((cost, index) => (mine[index] ?? 0) / cost) ?? [];
      return ratios.length > 0 ? `${median(ratios).toFixed(2)} ×` : '';
    };
    for (const { entrant, perSecond, cpu } of seen) {
      rows.push([
        String(connections),
        entrant.flow.name,
        median(perSecond).toFixed(0),
        `${(median(cpu) / 1000).toFixed(2)} ms`,
        spread(cpu),
        against('hand-written', cpu),
        against('hand-written, reviewed', cpu),
        against('hand-written, safe', cpu),
      ]);
    }
  }
  const costs = await Promise.all(entrants.map(({ contestant }) => contestant.cost()));
  const memory = entrants
    .map(({ flow }, index) => `${flow.name} ${((costs[index]?.rss ?? 0) / 2 ** 20).toFixed(0)} MiB`)
    .join(', ');
  return table(
    `Complete sign-ins with an authenticator app, ${setup}`,
    [
      'connections',
      'app',
      'sign-ins/s',
      'CPU each',
      'spread',
      'against hand-written',
      'against reviewed',
      'against safe',
    ],
    rows,
    `Resident memory at the end: ${memory}.`,
  );
}
