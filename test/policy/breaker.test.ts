import { describe, expect, it } from '@jest/globals';
import { type BreakerState, passage, probing, stateAfter, WELL } from '../../src/policy/breaker.js';
import type { CarrierOutcome } from '../../src/policy/failover.js';

const NOON = Date.UTC(2026, 10, 21, 12);

/** What so many outcomes, a second apart, make of a breaker. */
function went(outcomes: readonly CarrierOutcome[], from: BreakerState = WELL, at = NOON): BreakerState {
  return outcomes.reduce((state, outcome, index) => stateAfter(state, outcome, at + index * 1_000, 0), from);
}

const times = (count: number, outcome: CarrierOutcome) => Array.from({ length: count }, () => outcome);

describe('a breaker', () => {
  it('opens after five failures in a row, for half a minute', () => {
    expect(passage(went(times(4, 'fault')), NOON + 4_000)).toBe('closed');
    const state = went(times(5, 'fault'));
    expect(passage(state, NOON + 4_000)).toBe('open');
    expect(passage(state, NOON + 4_000 + 29_999)).toBe('open');
    expect(passage(state, NOON + 4_000 + 30_000)).toBe('probe');
  });

  it('opens when half of ten sends of a minute failed', () => {
    const nine = went(['ok', 'fault', 'ok', 'fault', 'ok', 'fault', 'ok', 'fault', 'ok']);
    expect(nine.openUntil).toBeUndefined();
    expect(went(['fault'], nine, NOON + 10_000).openUntil).toBeDefined();
    expect(went(['fault'], nine, NOON + 60_000).openUntil).toBeUndefined();
  });

  it('stays closed where fewer fail', () => {
    const outcomes = times(10, 'ok').flatMap((ok) => [ok, ok, 'fault' as const]);
    expect(went(outcomes).openUntil).toBeUndefined();
  });

  it('opens at once for an account that is refused', () => {
    expect(went(['fatal']).openUntil).toBe(NOON + 30_000);
  });

  it('hears nothing bad in what a carrier says of a number', () => {
    expect(went(times(100, 'not-its-fault')).openUntil).toBeUndefined();
  });

  it('stays open twice as long each time, up to ten minutes', () => {
    let state = WELL;
    let now = NOON;
    const pauses: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      state = stateAfter(state, 'fatal', now, 0);
      pauses.push((state.openUntil ?? 0) - now);
      now = state.openUntil ?? 0;
    }
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
  });

  it('stays open up to a tenth longer by chance', () => {
    expect(stateAfter(WELL, 'fatal', NOON, 1).openUntil).toBe(NOON + 33_000);
  });

  it('lets one send try it out, and waits for what becomes of that', () => {
    const open = went(['fatal']);
    const tried = probing(open, NOON + 30_000);
    expect(passage(tried, NOON + 30_001)).toBe('open');
    expect(passage(tried, NOON + 45_000)).toBe('probe');
    expect(passage(stateAfter(tried, 'ok', NOON + 31_000, 0), NOON + 31_000)).toBe('closed');
    expect(passage(stateAfter(tried, 'not-its-fault', NOON + 31_000, 0), NOON + 31_000)).toBe('closed');
    expect(stateAfter(tried, 'fault', NOON + 31_000, 0).openUntil).toBe(NOON + 91_000);
  });

  it('forgets how often it opened once it is well', () => {
    const well = stateAfter(went(['fatal']), 'ok', NOON + 30_000, 0);
    expect(stateAfter(well, 'fatal', NOON + 60_000, 0).openUntil).toBe(NOON + 90_000);
  });

  it('begins a new minute when the clock steps back', () => {
    const state = went(times(4, 'fault'));
    expect(stateAfter(state, 'ok', NOON - 600_000, 0)).toMatchObject({ since: NOON - 600_000, ok: 1, failed: 0 });
  });
});
