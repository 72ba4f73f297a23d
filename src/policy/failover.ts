/** What to do after a carrier was asked to bring a code: the one table that decides whether a second one is asked. */
import type { FailureClass } from '../core/delivery.js';
import type { Transmitted } from '../core/factor.js';

/** `accepted`: it is on its way. `next`: another carrier may try with the same code. `stop`: nobody else may. */
export type NextStep = 'accepted' | 'next' | 'stop';

/** How a carrier's own health is judged by it: `fatal` will not mend itself within the minute. */
export type CarrierOutcome = 'ok' | 'fault' | 'fatal' | 'not-its-fault';

/** A carrier that is down, full, or set up wrongly says nothing about the number. */
const ANOTHER_MAY: ReadonlySet<FailureClass> = new Set([
  'unavailable',
  'timeout',
  'auth',
  'config',
  'channel_unavailable',
  'spend_limit',
  'rate_limited',
]);

/** At most so many carriers are asked for one send. */
export const MOST_HOPS = 2;

/**
 * Rests on what is known of the send, `yes`, `no` or `unknown`, and on the class. A block is never hopped over: a fraudster's number would only
 * be sent to by whoever looks less closely. Where the other side owns the code an unknown send is the end: a second carrier would bring another code.
 */
export function nextStep(outcome: Transmitted): NextStep {
  if (outcome.ok) return outcome.sent === 'unknown' ? 'next' : 'accepted';
  // A factor of somebody else's may not say; a second text is worse than none.
  if (outcome.sent !== 'no') return 'stop';
  return ANOTHER_MAY.has(outcome.why) ? 'next' : 'stop';
}

/**
 * Undefined where it says nothing. What a carrier calls a wrong request may be one number that it cannot be asked for, and in a set-up anybody may type such
 * numbers: with a few accounts they would shut it for a whole country.
 */
export function carrierOutcome(
  outcome: Transmitted,
  { settingUp }: { readonly settingUp: boolean },
): CarrierOutcome | undefined {
  if (outcome.ok) return outcome.sent === 'unknown' ? 'fault' : 'ok';
  if (outcome.why === 'auth') return 'fatal';
  if (outcome.why === 'config' && settingUp) return undefined;
  if (outcome.why === 'config' || outcome.why === 'unavailable' || outcome.why === 'timeout') return 'fault';
  return 'not-its-fault';
}
