/** Locks, tries, lifetimes and budgets: their defaults and their ceilings. */
import { count, type Expected, known } from './check-options.js';
import { durationMs } from './core/duration.js';
import { MfaError } from './core/errors.js';
import type { LimitOptions, MfaOptions } from './options.js';
import type { Limits } from './policy/limits.js';

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
} as const;

const KNOWN_LIMITS: Readonly<Record<keyof LimitOptions, Expected>> = {
  ...(Object.fromEntries(Object.keys(COUNTS).map((name) => [name, 'own'])) as Record<keyof typeof COUNTS, Expected>),
  lock: 'own',
  longestLock: 'own',
  codeTtl: 'own',
  resendAfter: 'own',
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
