/** Who takes part, and how one signs in there. */
import { createRequire } from 'node:module';
import type { Client } from './client.js';
import type { Setup } from './engines.js';
import { codeOf, PASSWORD } from './people.js';

export interface Flow {
  readonly name: string;
  /** In `servers/`. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly setups: readonly Setup[];
  /** What `npm install --prefix bench` has to have brought. */
  readonly needs: readonly string[];
  signIn(client: Client, person: number, now: number): Promise<void>;
}

const EVERYWHERE: readonly Setup[] = ['memory', 'Redis', 'Redis + PostgreSQL'];

async function byHand(client: Client, person: number, now: number): Promise<void> {
  expectStatus(await client.post('/login', { username: `person-${person}`, password: PASSWORD }), 200);
  expectStatus(await client.post('/mfa/challenge/verify', { factorId: 'totp', code: codeOf(person, now) }), 200);
}

export const FLOWS: readonly Flow[] = [
  {
    name: 'hand-written',
    file: 'hand-written',
    env: {},
    setups: EVERYWHERE,
    needs: ['passport-totp'],
    signIn: byHand,
  },
  {
    name: 'hand-written, reviewed',
    file: 'hand-written',
    env: { BENCH_CAREFUL: '1' },
    setups: EVERYWHERE,
    needs: ['passport-totp'],
    signIn: byHand,
  },
  {
    name: 'hand-written, safe',
    file: 'hand-written',
    env: { BENCH_CAREFUL: '1', BENCH_SAFE: '1' },
    setups: EVERYWHERE,
    needs: ['passport-totp'],
    signIn: byHand,
  },
  { name: 'express-mfa', file: 'express-mfa', env: {}, setups: EVERYWHERE, needs: [], signIn: byHand },
  {
    name: 'better-auth',
    file: 'better-auth',
    env: {},
    setups: ['memory', 'Redis + PostgreSQL'],
    needs: ['better-auth'],
    async signIn(client, person, now) {
      const email = `person-${person}@bench.example`;
      expectStatus(await client.post('/api/auth/sign-in/email', { email, password: PASSWORD }), 200);
      expectStatus(await client.post('/api/auth/two-factor/verify-totp', { code: codeOf(person, now, 'text') }), 200);
    },
  },
];

/** Those that can take part on this machine; says who cannot, and why. */
export function flowsOn(setup: Setup): readonly Flow[] {
  const needed = setup === 'memory' ? [] : ['connect-redis'];
  return FLOWS.filter((flow) => {
    if (!flow.setups.includes(setup)) return false;
    const missing = [...flow.needs, ...needed].filter((name) => !isInstalled(name));
    if (missing.length > 0)
      console.log(`(${setup}, without ${flow.name}: ${missing.join(', ')} not installed; \`npm run bench\` does that)`);
    return missing.length === 0;
  });
}

function isInstalled(name: string): boolean {
  try {
    return createRequire(import.meta.url).resolve(name) !== '';
  } catch {
    return false;
  }
}

function expectStatus(answer: { status: number; body: string }, status: number): void {
  if (answer.status !== status) throw new Error(`got ${answer.status}: ${answer.body.slice(0, 200)}`);
}
