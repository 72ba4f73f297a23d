/** What a report about a send that did not arrive says of its carrier. */
import type { FailureClass } from '../core/delivery.js';
import type { CarrierOutcome } from './failover.js';

const CARRIERS_FAULT: ReadonlySet<FailureClass> = new Set([
  'filtered',
  'unavailable',
  'timeout',
  'rate_limited',
  'spend_limit',
  'channel_unavailable',
  'config',
  'auth',
]);

/**
 * Undefined where it says nothing: numbers that are dead, off or landlines would let whoever asks for codes to them shut a carrier out. Nor does a send that arrived
 * say anything: the report may be of one from before the carrier failed.
 */
export function outcomeOfUndelivered(why: FailureClass): CarrierOutcome | undefined {
  return CARRIERS_FAULT.has(why) ? 'fault' : undefined;
}
