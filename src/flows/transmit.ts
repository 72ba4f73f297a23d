import type { FailureClass } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { PreparedSend, Transmitted } from '../core/factor.js';
import type { Json } from '../core/store.js';
import type { FlowDeps } from './deps.js';

export type TransmitOutcome =
  | { readonly ok: true; readonly data: Json }
  | { readonly ok: false; readonly why: FailureClass; readonly refusal: Refusal };

/** What users hear is one of three things: not there, not yet, not now. */
const HEARD_AS: Readonly<Record<FailureClass, 'destination_refused' | 'send_limited' | 'delivery_unavailable'>> = {
  invalid_destination: 'destination_refused',
  landline: 'destination_refused',
  opted_out: 'destination_refused',
  blocked: 'destination_refused',
  unreachable: 'destination_refused',
  rate_limited: 'send_limited',
  resend_limit: 'send_limited',
  spend_limit: 'send_limited',
  filtered: 'delivery_unavailable',
  channel_unavailable: 'delivery_unavailable',
  config: 'delivery_unavailable',
  auth: 'delivery_unavailable',
  unavailable: 'delivery_unavailable',
  timeout: 'delivery_unavailable',
};

const RETRY_AFTER_MS = { destination_refused: undefined, send_limited: 60_000, delivery_unavailable: 30_000 } as const;

/** Calls the delivery, for so long and no longer. */
export async function transmit(deps: Pick<FlowDeps, 'limits'>, prepared: PreparedSend): Promise<TransmitOutcome> {
  const sent = await transmitted(prepared, AbortSignal.timeout(deps.limits.sendTimeoutMs));
  if (sent.ok) return sent;
  // A delivery of somebody else's may answer with its vendor's words, which belong into no log.
  const why = Object.hasOwn(HEARD_AS, sent.why) ? sent.why : 'unavailable';
  const code = HEARD_AS[why];
  const retryAfterMs = RETRY_AFTER_MS[code] && (sent.retryAfterMs ?? RETRY_AFTER_MS[code]);
  return { ok: false, why, refusal: refuse(code, retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** A delivery of somebody else's may throw, although it should not. */
async function transmitted(prepared: PreparedSend, signal: AbortSignal): Promise<Transmitted> {
  try {
    return await prepared.transmit(signal);
  } catch {
    return { ok: false, why: 'unavailable' };
  }
}
