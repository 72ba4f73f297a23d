/** What the operator has to hear of a carrier: another one may bring the code, and nobody else would ever notice. */
import type { FailureClass, VendorDetail } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import type { Transmitted } from '../core/factor.js';
import type { Lane } from './carrier-breakers.js';

/** Told of each call; tells the host of those that failed for another reason than the number, the same once in ten minutes. Never throws. */
export type CarrierFaults = (carrier: string, lane: Lane, outcome: Transmitted) => void;

const ABOUT_THE_NUMBER: ReadonlySet<FailureClass> = new Set([
  'invalid_destination',
  'landline',
  'unreachable',
  'opted_out',
  'resend_limit',
]);
const QUIET_MS = 10 * 60_000;
const MOST_REMEMBERED = 1_000;

export function createCarrierFaults(report: (error: unknown) => void, clock: () => number): CarrierFaults {
  const toldAt = new Map<string, number>();

  return (carrier, { channel, country }, outcome) => {
    const what = said(outcome);
    if (what === undefined) return;
    const key = JSON.stringify([carrier, channel, what]);
    const now = clock();
    if (Math.abs(now - (toldAt.get(key) ?? Number.NEGATIVE_INFINITY)) < QUIET_MS) return;
    if (toldAt.size >= MOST_REMEMBERED) toldAt.clear();
    toldAt.set(key, now);
    const where = country === undefined ? channel : `${channel}, ${country}`;
    report(new MfaError('delivery_unavailable', `${carrier} (${where}): ${what}. docs/carriers.md says what to do.`));
  };
}

function said(outcome: Transmitted): string | undefined {
  const { detail } = outcome;
  if (outcome.ok) return outcome.sent === 'unknown' ? `no clear answer${vendorsOwn(detail)}` : undefined;
  return ABOUT_THE_NUMBER.has(outcome.why) ? undefined : `${outcome.why}${vendorsOwn(detail)}`;
}

/** A delivery of somebody else's may put anything there; what could be a number or a sentence is left out. */
function vendorsOwn({ status, code }: VendorDetail = {}): string {
  const isStatus = Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599;
  const isCode = typeof code === 'string' && /^[A-Za-z0-9_.-]{1,40}$/.test(code) && !/\d{6}/.test(code);
  return `${isStatus ? `, status ${status}` : ''}${isCode ? `, code ${code}` : ''}`;
}
