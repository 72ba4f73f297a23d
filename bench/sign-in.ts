/** (a) Complete sign-ins: password, code, signed in. Against the same app written by hand, and against better-auth, in one run, in turns. */
import { Client } from './lib/client.js';
import { Contestant, type Cost } from './lib/contestant.js';
import { codeOf, PASSWORD, PEOPLE } from './lib/people.js';
import { median, spread, type Table, table } from './lib/table.js';

interface Flow {
  readonly name: string;
  readonly file: string;
  signIn(client: Client, person: number, now: number): Promise<void>;
}

const FLOWS: readonly Flow[] = [
  {
    name: 'hand-written',
    file: 'hand-written.ts',
    async signIn(client, person, now) {
      expectStatus(await client.post('/login', { username: `person-${person}`, password: PASSWORD }), 200);
      expectStatus(await client.post('/mfa/challenge/verify', { code: codeOf(person, now) }), 200);
    },
  },
  {
    name: 'express-mfa',
    file: 'express-mfa.ts',
    async signIn(client, person, now) {
      expectStatus(await client.post('/login', { username: `person-${person}`, password: PASSWORD }), 200);
      expectStatus(await client.post('/mfa/challenge/verify', { factorId: 'totp', code: codeOf(person, now) }), 200);
    },
  },
  {
    name: 'better-auth',
    file: 'better-auth.ts',
    async signIn(client, person, now) {
      expectStatus(
        await client.post('/api/auth/sign-in/email', { email: `person-${person}@bench.example`, password: PASSWORD }),
        200,
      );
      expectStatus(await client.post('/api/auth/two-factor/verify-totp', { code: codeOf(person, now, 'text') }), 200);
    },
  },
];

function expectStatus(answer: { status: number; body: string }, status: number): void {
  if (answer.status !== status) throw new Error(`got ${answer.status}: ${answer.body.slice(0, 200)}`);
}

/** Everybody signs in once, over so many connections; then half a minute passes for the server. */
async function round(flow: Flow, contestant: Contestant, connections: number, offset: number): Promise<number> {
  let next = 0;
  let done = 0;
  const clients = Array.from({ length: connections }, () => new Client(contestant.port));
  await Promise.all(
    clients.map(async (client) => {
      while (next < PEOPLE) {
        const person = next;
        next += 1;
        // notp, below passport-totp, refuses some right codes that begin with zeros; nobody meets those here.
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

/** One slice: rounds until the time is up. What it cost the server, and how many signed in. */
async function slice(flow: Flow, contestant: Contestant, run: { connections: number; ms: number; offset: number }) {
  const { connections, ms } = run;
  let { offset } = run;
  await contestant.cost();
  const started = performance.now();
  let signIns = 0;
  while (performance.now() - started < ms) {
    offset += 60_000;
    await contestant.ask({ ask: 'advance', ms: 60_000 });
    signIns += await round(flow, contestant, connections, offset);
  }
  const seconds = (performance.now() - started) / 1000;
  const { cpuMicros } = await contestant.cost();
  return { perSecond: signIns / seconds, cpuPerSignIn: cpuMicros / signIns, offset };
}

export async function benchSignIns(size: { slices?: number; ms?: number } = {}): Promise<Table> {
  const contestants = await Promise.all(FLOWS.map(({ name, file }) => Contestant.start(name, file)));
  try {
    return await compare(contestants, { slices: 5, ms: 2_000, ...size });
  } finally {
    await Promise.all(contestants.map((one) => one.stop()));
  }
}

async function compare(
  contestants: readonly Contestant[],
  { slices, ms }: { slices: number; ms: number },
): Promise<Table> {
  const offsets = FLOWS.map(() => 0);
  const rows: (readonly string[])[] = [];
  for (const connections of [1, 16, 64]) {
    const seen = FLOWS.map(() => ({ perSecond: [] as number[], cpu: [] as number[] }));
    // The first slice warms up; the others take turns, so that a busy moment of the machine is shared.
    for (let turn = 0; turn <= slices; turn += 1) {
      for (const [index, flow] of FLOWS.entries()) {
        const contestant = contestants[index];
        const mine = seen[index];
        if (!contestant || !mine) continue;
        const result = await slice(flow, contestant, {
          connections,
          ms: turn === 0 ? ms / 4 : ms,
          offset: offsets[index] ?? 0,
        });
        offsets[index] = result.offset;
        if (turn === 0) continue;
        mine.perSecond.push(result.perSecond);
        mine.cpu.push(result.cpuPerSignIn);
      }
    }
    const baseline = median(seen[0]?.cpu ?? []);
    for (const [index, flow] of FLOWS.entries()) {
      const mine = seen[index];
      if (!mine) continue;
      rows.push([
        String(connections),
        flow.name,
        median(mine.perSecond).toFixed(0),
        `${(median(mine.cpu) / 1000).toFixed(2)} ms`,
        spread(mine.cpu),
        `${(median(mine.cpu) / baseline).toFixed(2)} ×`,
      ]);
    }
  }
  const costs: Cost[] = await Promise.all(contestants.map((one) => one.cost()));
  const memory = FLOWS.map(({ name }, index) => `${name} ${((costs[index]?.rss ?? 0) / 2 ** 20).toFixed(0)} MiB`).join(
    ', ',
  );
  return table(
    'Complete sign-ins with an authenticator app, memory',
    ['connections', 'app', 'sign-ins/s', 'CPU each', 'spread', 'against hand-written'],
    rows,
    `Memory at the end: ${memory}.`,
  );
}
