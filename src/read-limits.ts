/** Locks, tries, lifetimes and budgets: their defaults and their ceilings. */
import { count, type Expected, known } from './check-options.js';
import { durationMs } from './core/duration.js';
import { MfaError } from './core/errors.js';
import type { LimitOptions, MfaOptions } from './options.js';
import type { Limits } from './policy/limits.js';
import type { Conversion } from './policy/toll-fraud.js';

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
