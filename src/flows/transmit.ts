import type { FailureClass } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { PreparedSend, Transmitted } from '../core/factor.js';
import type { Json } from '../core/store.js';
import type { FlowDeps } from './deps.js';

export type TransmitOutcome =
  | { readonly ok: true; readonly data: Json }
  | { readonly ok: false; readonly why: FailureClass; readonly refusal: Refusal };

/** Calls the delivery, for so long and no longer. What users hear is one of three things: not there, not yet, not now. */
export async function transmit(deps: Pick<FlowDeps, 'limits'>, prepared: PreparedSend): Promise<TransmitOutcome> {
  const sent = await transmitted(prepared, AbortSignal.timeout(deps.limits.sendTimeoutMs));
  if (sent.ok) return sent;
  return { ok: false, why: sent.why, refusal: refusalFor(sent.why, sent.retryAfterMs) };
}

/** A delivery of somebody else's may throw, although it should not. */
async function transmitted(prepared: PreparedSend, signal: AbortSignal): Promise<Transmitted> {
  try {
    return await prepared.transmit(signal);
  } catch {
    return { ok: false, why: 'unavailable' };
  }
}

function refusalFor(why: FailureClass, retryAfterMs: number | undefined): Refusal {
  switch (why) {
    case 'invalid_destination':
    case 'landline':
    case 'opted_out':
    case 'blocked':
    case 'unreachable':
      return refuse('destination_refused');
    case 'rate_limited':
    case 'resend_limit':
    case 'spend_limit':
      return refuse('send_limited', { retryAfterMs: retryAfterMs ?? 60_000 });
    default:
      return refuse('delivery_unavailable', { retryAfterMs: retryAfterMs ?? 30_000 });
  }
}
