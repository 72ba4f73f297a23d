import type { CallContext, SendJob } from '../../src/core/delivery.js';

/** Numbers set aside for fiction. */
export const ADA = '+61491570156';
export const GRACE = '+12025550143';
export const OFFICE = '+12025550100';

/** A send of our code over `channel`; what a verifier does not need it ignores. */
export function aJob(changes: Partial<SendJob> = {}): SendJob {
  return {
    sendId: 'send-1',
    channel: 'sms',
    to: ADA,
    code: '048291',
    ttlMs: 300_000,
    issuer: 'Acme',
    text: '048291 is your Acme code.',
    ...changes,
  };
}

/** A call that may take long enough for any honest answer. */
export function patiently(): CallContext {
  return within(10_000);
}

/** A call that ends itself after so many milliseconds. */
export function within(ms: number): CallContext {
  return { signal: AbortSignal.timeout(ms) };
}

/** A call that is over before it begins. */
export function tooLate(): CallContext {
  return { signal: AbortSignal.abort() };
}
