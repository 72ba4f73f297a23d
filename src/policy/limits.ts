/** The numbers of tries, sends and lifetimes, and how they become counters. */
import type { SendLimit } from '../core/events.js';
import type { Hit } from '../core/store.js';
import type { Conversion } from './toll-fraud.js';

/** All milliseconds or counts. Every one is an option; `options/limits.ts` holds the defaults and the ceilings. */
export interface Limits {
  readonly triesPerChallenge: number;
  readonly triesBeforeLock: number;
  readonly lockMs: number;
  readonly longestLockMs: number;
  readonly triesWithoutSuccess: number;
  readonly codeTtlMs: number;
  readonly resendWaitsMs: readonly number[];
  readonly pendingTtlMs: number;
  readonly freshMs: number;
  readonly draftTtlMs: number;
  readonly draftsPerUser: number;
  readonly factorsPerUser: number;
  readonly freshCodesTtlMs: number;
  readonly sendsPerNumber10Min: number;
  readonly sendsPerNumberDay: number;
  readonly sendsPerNumberHour: number;
  readonly sendsPerUserHour: number;
  readonly sendsPerIpHour: number;
  readonly sendsPerPrefix10Min: number;
  readonly sendsPerPrefixHour: number;
  readonly sendsPerDay: number;
  readonly numbersPerRun: number;
  /** Undefined: not watched. */
  readonly conversion: Conversion | undefined;
  readonly accountsPerNumber: number;
  readonly sendTimeoutMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Wrong answers of one user with one kind of factor: no window, pauses that double, an end for good (SP 800-63B-4 3.2.2: at most 100). */
export function userTries(kind: string, limits: Limits): Hit {
  return { key: `wrong:${kind}`, limit: limits.triesWithoutSuccess, waits: pausesOf(limits) };
}

const pauses = new WeakMap<Limits, NonNullable<Hit['waits']>>();

/** The same for every try: worked out once for each set of limits. */
function pausesOf(limits: Limits): NonNullable<Hit['waits']> {
  const known = pauses.get(limits);
  if (known) return known;
  const waits: Record<number, number> = {};
  let pause = limits.lockMs;
  for (let count = limits.triesBeforeLock; count < limits.triesWithoutSuccess; count += limits.triesBeforeLock) {
    waits[count] = pause;
    pause = Math.min(pause * 2, limits.longestLockMs);
  }
  pauses.set(limits, waits);
  return waits;
}

/** How many wrong answers are left before the next pause or the end, after `count` of them: none right after the one that locked. */
export function leftBeforeLock(count: number, limits: Limits): number {
  const { triesBeforeLock, triesWithoutSuccess } = limits;
  const sinceLock = count % triesBeforeLock;
  if (sinceLock === 0 && count > 0) return 0;
  return Math.max(0, Math.min(triesBeforeLock - sinceLock, triesWithoutSuccess - count));
}

/** Asks whether the user is locked out of a kind, and counts nothing. */
export function lockOf(kind: string, limits: Limits): Hit {
  return { ...userTries(kind, limits), peek: true };
}

/** When the pause after the `count`-th wrong answer ends; undefined where there is none. */
export function lockMsAfter(count: number, kind: string, limits: Limits): number | undefined {
  return userTries(kind, limits).waits?.[count];
}

/** What the keys of `challengeTries` of one context begin with. */
export function triesIn(context: string): string {
  return `tries:${context}:`;
}

/** Answers to one challenge (or one factor of one pending sign-in, where nothing is sent). */
export function challengeTries(context: string, enrolmentId: string, limits: Limits): Hit {
  // No shorter than a code works: it must not outlive the count of wrong answers to it.
  const windowMs = Math.max(limits.pendingTtlMs, limits.codeTtlMs);
  return { key: `${triesIn(context)}${enrolmentId}`, limit: limits.triesPerChallenge, windowMs };
}

/** The first send and its resends, each later than the last. It ends with the first code by itself: were it cleared, two first sends at once would both be first. */
export function sendLadder(context: string, enrolmentId: string, limits: Limits): Hit {
  const { resendWaitsMs, codeTtlMs } = limits;
  const waits = Object.fromEntries(resendWaitsMs.map((ms, index) => [index + 1, ms]));
  const allWaits = resendWaitsMs.reduce((sum, ms) => sum + ms, 0);
  return {
    key: `sends:${context}:${enrolmentId}`,
    limit: resendWaitsMs.length + 1,
    windowMs: Math.max(codeTtlMs, allWaits),
    waits,
  };
}

/** One set-up of one destination at a time: a second click within `windowMs` begins no other one, with a code of its own. `to` comes as a keyed hash. */
export function setUpsAtOnce(by: { context: string; kind: string; to: string }, windowMs: number): Hit {
  return { key: `begun:${by.context}:${by.kind}:${by.to}`, limit: 1, windowMs };
}

export function userSends(limits: Limits): Hit {
  return { key: 'sends-by-user', limit: limits.sendsPerUserHour, windowMs: HOUR };
}

/** Sets of backup codes one user may make: each costs as many slow hashes as it has codes. */
export function codesMade(): Hit {
  return { key: 'codes-made', limit: 10, windowMs: HOUR };
}

const ALL_DAY = 'all-1d';
/** Of set-ups alone. */
export const SET_UPS_DAY = 'all-1d-set-ups';
/** Of the day's budget. Strangers who set numbers up, however many they are, leave the rest to those who sign in. */
const SHARE_OF_SET_UPS = 0.75;

/** A budget that strangers share, and what the audit log calls it. */
export interface SharedHit {
  readonly limit: SendLimit;
  readonly hit: Hit;
}

/** Budgets that strangers share: counted together, all or none, before anything is paid for. `number` and `prefix` come as keyed hashes. */
export function sharedSends(
  by: { number: string; prefix?: string; ip?: string; settingUp: boolean },
  limits: Limits,
): readonly SharedHit[] {
  // Anybody may try to set up anybody's number: that must not use up what its owner needs for signing in.
  const purpose = by.settingUp ? 'set-up-' : '';
  const hit = (limit: SendLimit, key: string, most: number, windowMs: number): SharedHit => ({
    limit,
    hit: { key, limit: most, windowMs },
  });
  return [
    hit('number', `${purpose}number-10m:${by.number}`, limits.sendsPerNumber10Min, 10 * MINUTE),
    hit('number', `${purpose}number-1h:${by.number}`, limits.sendsPerNumberHour, HOUR),
    hit('number', `${purpose}number-1d:${by.number}`, limits.sendsPerNumberDay, DAY),
    ...(by.prefix === undefined
      ? []
      : [
          hit('prefix', `${purpose}prefix-10m:${by.prefix}`, limits.sendsPerPrefix10Min, 10 * MINUTE),
          hit('prefix', `${purpose}prefix-1h:${by.prefix}`, limits.sendsPerPrefixHour, HOUR),
        ]),
    hit('day', ALL_DAY, limits.sendsPerDay, DAY),
    ...(by.settingUp ? [hit('day', SET_UPS_DAY, Math.ceil(limits.sendsPerDay * SHARE_OF_SET_UPS), DAY)] : []),
    ...(by.ip === undefined ? [] : [hit('ip', `ip-1h:${by.ip}`, limits.sendsPerIpHour, HOUR)]),
  ];
}
