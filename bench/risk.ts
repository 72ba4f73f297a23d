/** (h) What looking costs in CPU: at a sign-in and at a send, whole, over the memory store, with a number that was looked up before. The aim is below a millisecond. */
import { createSealer } from '../src/core/sealing.js';
import type { Count, Store } from '../src/core/store.js';
import { readOwner } from '../src/flows/account.js';
import { admitSend, type SendToAdmit } from '../src/flows/admit-send.js';
import { assessRisk } from '../src/flows/assess-risk.js';
import type { FlowDeps } from '../src/flows/deps.js';
import { placeSeen } from '../src/flows/known-networks.js';
import { judgeSignIn, seeSignIn } from '../src/flows/risk-of-sign-in.js';
import { memoryStore } from '../src/index.js';
import { readRisk } from '../src/options/risk.js';
import { riskScore } from '../src/policy/risk.js';
import { numberOf } from './lib/numbers.js';
import { type Table, table } from './lib/table.js';

const RUNS = 2_000;
const PEOPLE = 100;
const NETWORKS = 20;
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';
const HOME = { ip: '203.0.113.7', userAgent: BROWSER };
const ABROAD = { ip: '198.51.100.200', userAgent: 'curl/8.5.0' };

/** As `createMfa` would make it, as far as the check looks at it. */
function desk(store: Store) {
  let lookups = 0;
  const look = async () => {
    lookups += 1;
    return { line: 'mobile', simSwappedAt: null } as const;
  };
  const risk = readRisk({ lookup: look, countryOf: () => 'DE' });
  if (!risk) throw new Error('nobody looks');
  const known: Partial<FlowDeps> = {
    store,
    risk,
    sealer: createSealer(['a secret for the benchmark, long enough']),
    factors: new Map(),
    ask: { policy: async () => 'optional' } as unknown as FlowDeps['ask'],
    clock: Date.now,
    publish: () => undefined,
    report: (error) => {
      throw error;
    },
  };
  return { deps: known as FlowDeps, risk, lookups: () => lookups };
}

const people = Array.from({ length: PEOPLE }, (_, index) => {
  const user = { id: `person-${index}` };
  return { id: user.id, owner: `u:${user.id}`, label: user.id, user };
});

export async function benchRisk(): Promise<Table> {
  const store = memoryStore();
  const { deps, risk, lookups } = desk(store);
  for (const subject of people)
    for (let last = 0; last < NETWORKS; last += 1) {
      const ip = last === 0 ? HOME.ip : `198.51.100.${last}`;
      await store.commit(subject.owner, { writes: placeSeen(deps, subject, { ip, country: 'DE' }) });
    }
  const subjectOf = (run: number) => people[run % PEOPLE] ?? people[0] ?? { id: '', owner: '', label: '', user: {} };

  const signIn = async (run: number, facts: typeof HOME) => {
    const seen = await seeSignIn(deps, risk, subjectOf(run), facts);
    await judgeSignIn(deps, risk, seen, { strong: [], challenge: true });
  };
  const send = async (run: number, facts: typeof HOME, sends: number) => {
    const subject = subjectOf(run);
    const visitor = { state: 'signed-in', proof: { epoch: 0 } };
    const asking = { visitor, facts } as unknown as Parameters<typeof admitSend>[1];
    await admitSend(deps, asking, sendTo(subject, numberOf(run % PEOPLE), sends));
  };
  const facts = { moment: 'send', at: Date.now(), userId: 'ada', user: {}, ...ABROAD, line: 'voip' } as const;

  const rows: [work: string, ms: number][] = [
    [
      '(the account read at a sign-in without `risk`)',
      await cpuMs((run) => readOwner(deps, subjectOf(run), { kind: 'pending' })),
    ],
    [
      'a sign-in: counted, the account read, twenty known networks compared, scored',
      await cpuMs((run) => signIn(run, HOME)),
    ],
    ['a send: number parsed, what was looked up of it read, scored', await cpuMs((run) => send(run, HOME, 1))],
    ['a send that looks risky: the same, and an audit row', await cpuMs((run) => send(run, ABROAD, 4))],
    ['(of each: seven signals and the score)', await cpuMs(async () => riskScore(await assessRisk(deps, risk, facts)))],
  ];
  if (lookups() !== PEOPLE) throw new Error(`each number is looked up once, and not ${lookups() / PEOPLE} times`);
  return table(
    'The risk check in CPU time',
    ['work', 'ms each'],
    rows.map(([work, ms]) => [work, ms.toFixed(3)]),
  );
}

function sendTo(subject: SendToAdmit['account']['subject'], to: string, sends: number): SendToAdmit {
  const count = (key: string): Count => ({ key, total: sends, count: sends });
  const counted = { own: [count('sends-by-user')], shared: { budgets: [count('ip-1h:203.0.113.7')] } };
  return {
    account: { subject, enrolments: [] },
    to: { to, destination: '••', channels: ['sms'], country: 'US' },
    channel: 'sms',
    counted: counted as unknown as SendToAdmit['counted'],
    settingUp: false,
  };
}

async function cpuMs(work: (run: number) => Promise<unknown>): Promise<number> {
  for (let run = 0; run < RUNS; run += 1) await work(run);
  const before = process.cpuUsage();
  for (let run = 0; run < RUNS; run += 1) await work(run);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / RUNS;
}
