/** A circuit breaker for one carrier, channel and country: state in, state out. */
import type { CarrierOutcome } from './failover.js';

export interface BreakerState {
  /** When the minute that is being counted began, milliseconds since 1970. */
  readonly since: number;
  readonly ok: number;
  readonly failed: number;
  /** Failures since the last success. */
  readonly inARow: number;
  /** How often it opened without a success in between. */
  readonly opens: number;
  /** Nothing goes through before. */
  readonly openUntil?: number;
  /** One send is trying it out, and has until then to say how it went. */
  readonly probeUntil?: number;
  /** For whom it failed: users and numbers, as keyed hashes. */
  readonly failedFor?: readonly string[];
}

/** `probe`: open no longer, and not proved well: one send may try. */
export type Passage = 'open' | 'closed' | 'probe';

const WINDOW_MS = 60_000;
const ENOUGH = 10;
const FAILED_SHARE = 0.5;
const IN_A_ROW = 5;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** As long as a send may take, and a little. */
const PROBE_MS = 15_000;
const MOST_REMEMBERED = 40;

export const WELL: BreakerState = { since: 0, ok: 0, failed: 0, inARow: 0, opens: 0 };

/** Whom it failed before gets to try it out half a minute after everybody else: one person's numbers must not be all that it is judged by. */
export function passage(state: BreakerState, now: number, who: readonly string[] = []): Passage {
  const { openUntil, probeUntil = 0 } = state;
  if (openUntil === undefined) return 'closed';
  const from = hasFailed(state, who) ? openUntil + FIRST_PAUSE_MS : openUntil;
  return now < from || now < probeUntil ? 'open' : 'probe';
}

export function probing(state: BreakerState, now: number): BreakerState {
  return { ...state, probeUntil: now + PROBE_MS };
}

export function notProbing({ probeUntil: _, ...state }: BreakerState): BreakerState {
  return state;
}

/**
 * Opens after five failures in a row, when half of at least ten sends of a minute failed, or at once when the carrier refuses its account. Stays open
 * for 30 s, doubling to 10 min, each up to a tenth longer, so that several carriers do not come back at one moment. `chance` is from 0 to 1.
 *
 * `who` is the user and the number, as keyed hashes: of the same user, or of the same number, only the first failure counts. Whoever types numbers that a
 * carrier fails at would shut it for a whole country otherwise.
 */
export function stateAfter(
  state: BreakerState,
  outcome: CarrierOutcome,
  now: number,
  chance: number,
  who: readonly string[] = [],
): BreakerState {
  if (outcome === 'not-its-fault') {
    // It answered: whoever was trying it out has seen it well.
    return state.openUntil === undefined ? state : closed(now);
  }
  if (outcome === 'ok') {
    if (state.openUntil !== undefined) return closed(now);
    const { ok, ...rest } = windowed(state, now);
    return { ...rest, ok: ok + 1, inARow: 0, opens: 0 };
  }
  // Sends that were under way when it opened say nothing new.
  if (state.openUntil !== undefined && now < state.openUntil) return state;
  const counted = windowed(state, now);
  const again = hasFailed(counted, who);
  if (again && outcome === 'fault' && state.openUntil === undefined) return counted;
  const failedFor = [...new Set([...(counted.failedFor ?? []), ...who])].slice(-MOST_REMEMBERED);
  const failed = counted.failed + 1;
  const inARow = counted.inARow + 1;
  const many = failed + counted.ok >= ENOUGH && failed >= FAILED_SHARE * (failed + counted.ok);
  const opens = outcome === 'fatal' || state.openUntil !== undefined || inARow >= IN_A_ROW || many;
  if (!opens) return { ...counted, failed, inARow, failedFor };
  // Nor do they make it longer.
  const before = again && state.openUntil !== undefined ? Math.max(0, state.opens - 1) : state.opens;
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** before, LONGEST_PAUSE_MS);
  return {
    ...WELL,
    since: now,
    inARow,
    opens: before + 1,
    failedFor,
    openUntil: now + Math.round(pause * (1 + chance / 10)),
  };
}

function closed(now: number): BreakerState {
  return { ...WELL, since: now, ok: 1 };
}

function windowed(state: BreakerState, now: number): BreakerState {
  // A clock that stepped back begins a new minute too.
  const over = now - state.since >= WINDOW_MS || now < state.since;
  if (!over) return state;
  const { failedFor, ...rest } = state;
  const goesOn = state.inARow > 0 && failedFor !== undefined;
  return { ...rest, since: now, ok: 0, failed: 0, ...(goesOn ? { failedFor } : {}) };
}

function hasFailed({ failedFor = [] }: BreakerState, who: readonly string[]): boolean {
  return who.some((one) => failedFor.includes(one));
}
