import type { CallContext } from '../core/delivery.js';
import { gaveUpWaiting, refusedBySdk, type TwilioFailure, twilioFailure } from './twilio-errors.js';

export type TwilioAnswer =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly failure: TwilioFailure };

/**
 * Makes one request and waits for it no longer than the signal allows. The SDK takes no signal, so a request nobody waits for runs on
 * until the client's own `timeout` (30 s unless the host sets it); what comes of it then is dropped here, never an unhandled rejection.
 */
export function askTwilio(request: () => Promise<unknown>, { signal }: CallContext): Promise<TwilioAnswer> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ ok: false, failure: { sent: 'no', why: 'timeout' } });
      return;
    }
    const giveUp = () => resolve({ ok: false, failure: gaveUpWaiting() });
    const settle = (outcome: TwilioAnswer) => {
      signal.removeEventListener('abort', giveUp);
      resolve(outcome);
    };
    const pending = begin(request);
    if (pending === undefined) {
      settle({ ok: false, failure: refusedBySdk() });
      return;
    }
    signal.addEventListener('abort', giveUp, { once: true });
    pending.then(
      (answer) => settle({ ok: true, answer }),
      (error: unknown) => settle({ ok: false, failure: twilioFailure(error) }),
    );
  });
}

/** Everything the SDK throws, it throws before any I/O; what happens on the wire rejects. So the two must not be mixed. */
function begin(request: () => Promise<unknown>): Promise<unknown> | undefined {
  try {
    return Promise.resolve(request());
  } catch {
    return undefined;
  }
}
