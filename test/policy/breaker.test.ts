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

  it('is not kept open longer by sends that were under way when it opened', () => {
    let state = went(times(5, 'fault'));
    const { openUntil } = state;
    for (let index = 0; index < 20; index += 1) state = stateAfter(state, 'fault', NOON + 5_000, 0, [`user ${index}`]);
    expect(state.openUntil).toBe(openUntil);
  });

  it('counts one failure of each user and each number', () => {
    const who = [
      ['ada', 'number 1'],
      ['ada', 'number 2'],
      ['bob', 'number 1'],
    ];
    const state = [...who, ...who, ...who].reduce((so, one) => stateAfter(so, 'fault', NOON, 0, one), WELL);
    expect(state).toMatchObject({ failed: 1, inARow: 1 });
  });

  it('is not kept open twice as long by whom it failed before', () => {
    const open = ['ada', 'bob', 'cy', 'dan', 'eve'].reduce((so, one) => stateAfter(so, 'fault', NOON, 0, [one]), WELL);
    let [state, now] = [open, NOON];
    for (let round = 0; round < 3; round += 1) {
      now = (state.openUntil ?? 0) + 30_000;
      expect(passage(state, now - 1, ['eve'])).toBe('open');
      expect(passage(state, now - 1, ['fay'])).toBe('probe');
      expect(passage(state, now, ['eve'])).toBe('probe');
      state = stateAfter(probing(state, now), 'fault', now, 0, ['eve']);
      expect(state.openUntil).toBe(now + 30_000);
    }
    expect(stateAfter(state, 'fault', now + 30_000, 0, ['fay']).openUntil).toBe(now + 90_000);
  });

  it('remembers a bounded number of those it failed', () => {
    let state = WELL;
    for (let index = 0; index < 500; index += 1) {
      state = stateAfter(state, 'fault', state.openUntil ?? NOON, 0, [`user ${index}`, `number ${index}`]);
    }
    expect(state.failedFor).toHaveLength(40);
  });
});
