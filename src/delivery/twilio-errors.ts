import { connectionBroke } from '../core/connection-errors.js';
import type { FailureClass, VendorDetail } from '../core/delivery.js';
import { field } from '../core/field.js';

/** Why a request to Twilio brought no answer. Made of a status and a code alone: the SDK's errors hold the auth token and the form. */
export interface TwilioFailure {
  readonly sent: 'no' | 'unknown';
  readonly why: FailureClass;
  readonly detail?: VendorDetail;
}

/** https://www.twilio.com/docs/api/errors. Kept by class, as the library acts on classes. */
const CODES: Readonly<Partial<Record<FailureClass, readonly number[]>>> = {
  invalid_destination: [21211, 21268, 21614, 30005, 60540],
  landline: [21635, 30006, 60205],
  unreachable: [30003, 30008],
  opted_out: [21610, 30004, 63014],
  blocked: [13227, 21215, 21408, 30450, 32205, 60220, 60238, 60410, 60413, 60605],
  filtered: [30007, 30034, 30042],
  rate_limited: [14107, 20429, 30001, 60207, 60212],
  // 60202 is "out of checks"; on a send it says the same as 60203: nothing more until this verification is over.
  resend_limit: [60202, 60203],
  channel_unavailable: [60223],
  config: [20404, 21603, 21606, 21612, 60204, 60217, 63016],
  auth: [10001, 20003, 20008],
};

const CLASS_OF_CODE: ReadonlyMap<number, FailureClass> = new Map(
  (Object.entries(CODES) as [FailureClass, readonly number[]][]).flatMap(([why, codes]) =>
    codes.map((code): [number, FailureClass] => [code, why]),
  ),
);

/** The class of a Twilio error code (of an error, or of a message that failed at once); undefined for one we do not know. */
export function classOfTwilioCode(code: number): FailureClass | undefined {
  const known = CLASS_OF_CODE.get(code);
  if (known !== undefined) return known;
  // 605xx: silent network authentication failed; every one of them but 60540 advises the next channel.
  return code >= 60500 && code <= 60599 ? 'channel_unavailable' : undefined;
}

/** The SDK refused synchronously, before it wrote anything: no credentials, or a parameter it requires. */
export function refusedBySdk(): TwilioFailure {
  return { sent: 'no', why: 'config' };
}

/** Nobody waited any longer. What was written may be carried out all the same. */
export function gaveUpWaiting(): TwilioFailure {
  return { sent: 'unknown', why: 'timeout' };
}

/**
 * Reduces whatever the SDK rejected with to a class: `RestException`, `TwilioServiceException`, an `AxiosError`, a `SyntaxError`
 * for a body that is not JSON, or anything else. The code decides, not the status, where Twilio gave one (60410 is seen with several).
 */
export function twilioFailure(error: unknown): TwilioFailure {
  const status = httpStatus(field(error, 'status'));
  const code = field(error, 'code');
  if (status === undefined) return connectionFailure(error, typeof code === 'string' ? code : undefined);

  const vendorCode = twilioCode(code);
  const detail: VendorDetail = { status, ...(vendorCode === undefined ? {} : { code: String(vendorCode) }) };
  if (vendorCode === 60200)
    return { sent: 'no', why: complainsAboutTo(error) ? 'invalid_destination' : 'config', detail };
  const known = vendorCode === undefined ? undefined : classOfTwilioCode(vendorCode);
  if (known !== undefined) return { sent: 'no', why: known, detail };
  return { ...failureOfStatus(status), detail };
}

function failureOfStatus(status: number): TwilioFailure {
  // A gateway in between may answer for a request that did arrive: Twilio documents no 5xx as "not carried out".
  if (status >= 500) return { sent: 'unknown', why: 'unavailable' };
  if (status === 408) return { sent: 'unknown', why: 'timeout' };
  if (status === 429) return { sent: 'no', why: 'rate_limited' };
  if (status === 401) return { sent: 'no', why: 'auth' };
  // The SDK follows no redirect, so a 3xx is a wrong address; every other 4xx is a request we should not have made.
  if (status >= 300) return { sent: 'no', why: 'config' };
  return { sent: 'unknown', why: 'unavailable' };
}

function connectionFailure(error: unknown, code: string | undefined): TwilioFailure {
  const detail = code !== undefined && /^[A-Z][A-Z_]{3,40}$/.test(code) ? { detail: { code } } : {};
  return { ...connectionBroke(error), ...detail };
}

/** 60200 says only "invalid parameter"; which one stands in the text. The text itself holds the number and goes no further. */
function complainsAboutTo(error: unknown): boolean {
  const message = field(error, 'message');
  return typeof message === 'string' && /\bparameter\W{0,3}To\b/.test(message);
}

function httpStatus(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599 ? value : undefined;
}

function twilioCode(value: unknown): number | undefined {
  const code = typeof value === 'string' && /^\d{5}$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && Number.isInteger(code) && code >= 10_000 && code <= 99_999 ? code : undefined;
}
