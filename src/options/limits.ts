/** Locks, tries, lifetimes and budgets: their defaults and their ceilings. */

import { type Duration, durationMs } from '../core/duration.js';
import { MfaError } from '../core/errors.js';
import type { Limits } from '../policy/limits.js';
import type { Conversion } from '../policy/toll-fraud.js';
import { count, type Expected, known } from './check-options.js';
import type { MfaOptions } from './mfa-options.js';

/** Numbers with hard ceilings: one beyond them is a set-up error, never silently cut. */
export interface LimitOptions {
  /** Wrong answers to one challenge; default 5, at most 10. */
  readonly triesPerChallenge?: number;
  /** Consecutive wrong answers of one user with one kind of factor until it locks; default 10 (PCI DSS 8.3.4), at most 100 (SP 800-63B-4 3.2.2). */
  readonly triesBeforeLock?: number;
  /** The first lock; each later one is twice as long. Default 15 min. */
  readonly lock?: Duration;
  /** The longest lock; default 1 h. */
  readonly longestLock?: Duration;
  /** Wrong answers without a right one until only an admin opens the lock; default 100, at most 100. */
  readonly triesWithoutSuccess?: number;
  /** How long a sent code works; default 5 min, at most 10 (SP 800-63B-4 3.1.3.2). */
  readonly codeTtl?: Duration;
  /** The pauses before the first, second ... resend; as many resends as pauses. Default 30 s, 60 s, 120 s; at most 5. */
  readonly resendAfter?: readonly Duration[];
  /** Texts and calls to one number in ten minutes; default 3. */
  readonly sendsPerNumber10Min?: number;
  /** ... in an hour; default 5. */
  readonly sendsPerNumberHour?: number;
  /** ... in a day; default 10. */
  readonly sendsPerNumberDay?: number;
  /** ... for one user in an hour; default 5. */
  readonly sendsPerUserHour?: number;
  /** ... from one address (IPv6: /64) in an hour; default 10. */
  readonly sendsPerIpHour?: number;
  /** ... to numbers that differ only in the last four digits, in ten minutes; default 5. */
  readonly sendsPerPrefix10Min?: number;
  /** ... in an hour; default 20. */
  readonly sendsPerPrefixHour?: number;
  /** ... altogether in a day: the budget; default 1,000. Set-ups may use three quarters of it, so that some is left to those who sign in. */
  readonly sendsPerDay?: number;
  /**
   * Different numbers of one block of fourteen neighbours that are sent to in ten minutes; default 4, so that a fifth is refused. At most 14, which never refuses.
   */
  readonly numbersPerRun?: number;
  /** When too few codes are answered, sending there stops. `false`: never. */
  readonly conversion?: ConversionOptions | false;
  /**
   * The most that may be spent in 24 h, which begin with the first send after the ones before are over: `'200'`, in the currency of `prices`, which it needs.
   * At most 50,000. Default: no cap by money, only `sendsPerDay`.
   */
  readonly spendPerDay?: string;
  /** ... by country: `{ US: '100', other: '20' }`. Default none. */
  readonly spendPerDayByCountry?: { readonly [country: string]: string };
  /** Accounts that may have the same number; default 5, at most 100. Families share phones, and one is strict. */
  readonly accountsPerNumber?: number;
}

/** Healthy places answer 60 to 80 of 100 codes. Counted by the hour of the clock; codes that are younger than `codeTtl` are not judged yet. */
export interface ConversionOptions {
  /** Numbers that differ in the last four digits only. Default `{ sends: 10, share: 0.2 }`: of ten numbers or more that were sent to in an hour, less than a fifth answered. */
  readonly prefix?: { readonly sends?: number; readonly share?: number };
  /** Default `{ sends: 100, share: 0.1 }`: a country has many honest people, so more is asked before it is stopped. */
  readonly country?: { readonly sends?: number; readonly share?: number };
  /** How long nothing is sent there; default 12 h, from 10 min to 7 d. */
  readonly block?: Duration;
}

/** Default and ceiling of each count. */
const COUNTS = {
  triesPerChallenge: [5, 10],
  triesBeforeLock: [10, 100],
  triesWithoutSuccess: [100, 100],
  sendsPerNumber10Min: [3, 5],
  sendsPerNumberHour: [5, 20],
  sendsPerNumberDay: [10, 50],
  sendsPerUserHour: [5, 50],
  sendsPerIpHour: [10, 10_000],
  sendsPerPrefix10Min: [5, 10_000],
  sendsPerPrefixHour: [20, 100_000],
  sendsPerDay: [1_000, 10_000_000],
  numbersPerRun: [4, 14],
  accountsPerNumber: [5, 100],
} as const;

const KNOWN_LIMITS: Readonly<Record<keyof LimitOptions, Expected>> = {
  ...(Object.fromEntries(Object.keys(COUNTS).map((name) => [name, 'own'])) as Record<keyof typeof COUNTS, Expected>),
  lock: 'own',
  longestLock: 'own',
  codeTtl: 'own',
  resendAfter: 'own',
  conversion: 'own',
  spendPerDay: 'own',
  spendPerDayByCountry: 'object',
};

export function readLimits({
  limits = {},
  freshFor,
  pendingFor,
  sendTimeout,
}: Pick<MfaOptions, 'limits' | 'freshFor' | 'pendingFor' | 'sendTimeout'>): Limits {
  known('createMfa: limits', limits, KNOWN_LIMITS);
  const counts = Object.fromEntries(
    Object.entries(COUNTS).map(([name, [preset, ceiling]]) => [
      name,
      count(`limits.${name}`, limits[name as keyof typeof COUNTS] ?? preset, ceiling),
    ]),
  ) as Record<keyof typeof COUNTS, number>;
  const { resendAfter = ['30s', '60s', '120s'] } = limits;
  if (!Array.isArray(resendAfter) || resendAfter.length < 1 || resendAfter.length > 5) {
    throw new MfaError(
      'set_up',
      "createMfa: limits.resendAfter: expected one to five pauses, as in ['30s', '60s', '120s'].",
    );
  }
  const lockMs = durationMs(limits.lock ?? '15m', 'limits.lock', { min: '1m', max: '24h' });
  const longestLockMs = durationMs(limits.longestLock ?? Math.max(lockMs, 3_600_000), 'limits.longestLock', {
    min: lockMs,
    max: '24h',
  });
  return {
    ...counts,
    lockMs,
    longestLockMs,
    conversion: readConversion(limits.conversion),
    codeTtlMs: durationMs(limits.codeTtl ?? '5m', 'limits.codeTtl', { min: '1m', max: '10m' }),
    resendWaitsMs: resendAfter.map((wait, index) => durationMs(wait, `limits.resendAfter[${index}]`, { max: '10m' })),
    pendingTtlMs: durationMs(pendingFor ?? '10m', 'pendingFor', { min: '1m', max: '15m' }),
    freshMs: durationMs(freshFor ?? '10m', 'freshFor', { min: '1m', max: '30m' }),
    sendTimeoutMs: durationMs(sendTimeout ?? '10s', 'sendTimeout', { max: '10s' }),
    draftTtlMs: 10 * 60_000,
    draftsPerUser: 3,
    factorsPerUser: 10,
    freshCodesTtlMs: 10 * 60_000,
  };
}

const RULES = { prefix: { sends: 10, share: 0.2 }, country: { sends: 100, share: 0.1 } } as const;

function readConversion(given: LimitOptions['conversion'] = {}): Conversion | undefined {
  const where = 'limits.conversion';
  if (given === false) return undefined;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new MfaError('set_up', `createMfa: ${where} is an object such as { block: '12h' }, or false.`);
  known(`createMfa: ${where}`, given, { prefix: 'object', country: 'object', block: 'own' });
  const rule = (kind: 'prefix' | 'country') => {
    const { sends = RULES[kind].sends, share = RULES[kind].share } = given[kind] ?? {};
    known(`createMfa: ${where}.${kind}`, given[kind] ?? {}, { sends: 'own', share: 'own' });
    // Half of all codes unanswered is an ordinary day.
    if (!(typeof share === 'number' && share > 0 && share <= 0.5))
      throw new MfaError('set_up', `createMfa: ${where}.${kind}.share is ${share}, expected above 0, and 0.5 at most.`);
    return { sends: count(`${where}.${kind}.sends`, sends, 1_000_000), share };
  };
  return {
    prefix: rule('prefix'),
    country: rule('country'),
    blockMs: durationMs(given.block ?? '12h', `${where}.block`, { min: '10m', max: '7d' }),
  };
}
