import { describe, expect, it } from '@jest/globals';
import type { FailureClass } from '../../src/core/delivery.js';
import type { Transmitted } from '../../src/core/factor.js';
import { carrierOutcome, nextStep } from '../../src/policy/failover.js';

/** Each class, and what follows where it is certain that nothing went out. */
const CLASSES: Readonly<Record<FailureClass, ['next' | 'stop', 'fault' | 'fatal' | 'not-its-fault']>> = {
  unavailable: ['next', 'fault'],
  timeout: ['next', 'fault'],
  auth: ['next', 'fatal'],
  config: ['next', 'fault'],
  channel_unavailable: ['next', 'not-its-fault'],
  spend_limit: ['next', 'not-its-fault'],
  rate_limited: ['next', 'not-its-fault'],
  blocked: ['stop', 'not-its-fault'],
  resend_limit: ['stop', 'not-its-fault'],
  invalid_destination: ['stop', 'not-its-fault'],
  landline: ['stop', 'not-its-fault'],
  opted_out: ['stop', 'not-its-fault'],
  unreachable: ['stop', 'not-its-fault'],
  filtered: ['stop', 'not-its-fault'],
};

const SIGN_IN = { settingUp: false };

describe('after a carrier was asked', () => {
  it.each(Object.entries(CLASSES))('and surely sent nothing, %s: %j', (why, [step, outcome]) => {
    const said: Transmitted = { ok: false, sent: 'no', why: why as FailureClass };
    expect([nextStep(said), carrierOutcome(said, SIGN_IN)]).toEqual([step, outcome]);
  });

  it.each(Object.keys(CLASSES))('and may have sent a code of its own, %s: nobody else is asked', (why) => {
    expect(nextStep({ ok: false, sent: 'unknown', why: why as FailureClass })).toBe('stop');
    expect(nextStep({ ok: false, why: why as FailureClass })).toBe('stop');
  });

  it('in a set-up, a wrong request says nothing of the carrier: it may be the number', () => {
    const outcomes = (['config', 'unavailable', 'auth'] as const).map((why) =>
      carrierOutcome({ ok: false, sent: 'no', why }, { settingUp: true }),
    );
    expect(outcomes).toEqual([undefined, 'fault', 'fatal']);
  });

  it('and sent it, nobody else is asked', () => {
    expect(nextStep({ ok: true, data: {}, sent: 'yes' })).toBe('accepted');
    expect(nextStep({ ok: true, data: {} })).toBe('accepted');
    expect(carrierOutcome({ ok: true, data: {} }, SIGN_IN)).toBe('ok');
  });

  it('and may have sent a code of ours, another may bring the same one', () => {
    expect(nextStep({ ok: true, data: {}, sent: 'unknown' })).toBe('next');
    expect(carrierOutcome({ ok: true, data: {}, sent: 'unknown' }, SIGN_IN)).toBe('fault');
  });
});
