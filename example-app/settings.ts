import { fileURLToPath } from 'node:url';
import type { Duration } from '../src/index.js';
import { StartProblem } from './problems.js';
import { newSecrets, readSecrets, type Secrets } from './secrets.js';
import type { Engines } from './storage/open.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  readonly port: number;
  readonly host: string;
  /** Undefined for `DATA_DIR=:memory:`, which keeps nothing on the disk. */
  readonly folder: string | undefined;
  readonly engines: Engines;
  readonly production: boolean;
  readonly requireMfa: boolean;
  readonly payoutWithin?: Duration;
  readonly countries?: readonly string[];
  readonly baseUrl?: string;
  readonly trustProxy?: number;
  readonly workers: number;
}

/** What the environment says. Throws `StartProblem` for what cannot be. */
export function readSettings(env: Environment): Settings {
  const folder = env.DATA_DIR || fileURLToPath(new URL('./data', import.meta.url));
  const inMemory = folder === ':memory:';
  return {
    port: whole(env, 'PORT', 3000, 65_535),
    // Only this machine: the developer inbox shows codes to whoever can open it.
    host: env.HOST || 'localhost',
    folder: inMemory ? undefined : folder,
    engines: {
      file: inMemory ? folder : `${folder}/app.sqlite`,
      databaseUrl: env.DATABASE_URL || undefined,
      redisUrl: env.REDIS_URL || undefined,
    },
    production: env.NODE_ENV === 'production',
    requireMfa: env.REQUIRE_MFA === '1',
    ...(env.PAYOUT_WITHIN ? { payoutWithin: env.PAYOUT_WITHIN as Duration } : {}),
    ...(env.COUNTRIES ? { countries: env.COUNTRIES.split(',') } : {}),
    ...(env.BASE_URL ? { baseUrl: env.BASE_URL } : {}),
    ...(env.TRUST_PROXY ? { trustProxy: whole(env, 'TRUST_PROXY', 0, 100) } : {}),
    workers: Math.max(1, whole(env, 'WORKERS', 3, 64)),
  };
}

/** `COOKIE_SECRET` and `MFA_SECRET` (each newest first, with commas), or those of the folder. */
export function secretsOf(env: Environment, folder: string | undefined): Secrets {
  const [cookie, mfa] = [env.COOKIE_SECRET, env.MFA_SECRET];
  if (cookie && mfa) return { cookie: cookie.split(','), mfa: mfa.split(',') };
  if (cookie || mfa) throw new StartProblem('COOKIE_SECRET and MFA_SECRET go together: set both, or neither.');
  return folder === undefined ? newSecrets() : readSecrets(`${folder}/secrets.json`);
}

/** What separate processes would not share. Empty where they can work behind one port. */
export function notShared(env: Environment, { folder, engines }: Settings): readonly string[] {
  if (folder !== undefined) return [];
  return [
    ...(engines.databaseUrl ? [] : ['users']),
    ...(engines.databaseUrl || engines.redisUrl ? [] : ['second steps', 'sessions']),
    ...(env.COOKIE_SECRET && env.MFA_SECRET ? [] : ['secrets']),
  ];
}

function whole(env: Environment, name: string, otherwise: number, largest: number): number {
  const value = env[name];
  if (!value) return otherwise;
  if (/^\d+$/.test(value) && Number(value) <= largest) return Number(value);
  throw new StartProblem(`${name} is not a whole number up to ${largest}.`);
}
