/** What a refusal of Telnyx means for us. https://developers.telnyx.com/docs/overview/errors */
import type { FailureClass, VendorDetail } from '../core/delivery.js';
import { field } from '../core/field.js';

export interface TelnyxFailure {
  readonly sent: 'no' | 'unknown';
  readonly why: FailureClass;
  readonly retryAfterMs?: number;
  readonly detail?: VendorDetail;
}

/** Kept by class, as the library acts on classes. */
const CODES: Readonly<Partial<Record<FailureClass, readonly number[]>>> = {
  invalid_destination: [10002, 10016, 40012, 40310],
  landline: [40001],
  unreachable: [10001, 40005, 40006, 40014],
  opted_out: [40300],
  blocked: [40015, 40020, 40309, 40322, 40331],
  filtered: [40002, 40003, 40004, 40008, 40010, 40017],
  rate_limited: [10011, 40011, 40018, 40318],
  spend_limit: [40333],
  auth: [10009, 10010, 20002, 20012, 20013],
  config: [10004, 10005, 10015, 40009, 40013],
  unavailable: [10007, 10008, 10037],
};

const CLASS_OF_CODE: ReadonlyMap<string, FailureClass> = new Map(
  (Object.entries(CODES) as [FailureClass, readonly number[]][]).flatMap(([why, codes]) =>
    codes.map((code): [string, FailureClass] => [String(code), why]),
  ),
);

/** The class of one of their codes; undefined for one we do not know. */
export function classOfTelnyxCode(code: string): FailureClass | undefined {
  // 403xx that stand for nothing else are about the sender: not assigned, not enabled, not registered.
  return CLASS_OF_CODE.get(code) ?? (/^403\d\d$/.test(code) ? 'config' : undefined);
}

/** An answer that is not 2xx. The code decides, not the status, where there is one; titles and details go no further. */
export function telnyxFailure(status: number, body: unknown, retryAfter: unknown): TelnyxFailure {
  const code = codeOf(body);
  const detail: VendorDetail = { status, ...(code === undefined ? {} : { code }) };
  const why = code === undefined ? undefined : classOfTelnyxCode(code);
  const later = status === 429 ? secondsAsMs(retryAfter) : {};
  const isKnown = why !== undefined && why !== 'unavailable';
  const sent = status === 408 || (status >= 500 && !isKnown) ? 'unknown' : 'no';
  return { sent, why: why ?? classOfStatus(status, code), detail, ...later };
}

function classOfStatus(status: number, code: string | undefined): FailureClass {
  // `auth` shuts the carrier for everybody, and 403 with a code that we do not know may be about one number.
  if (status === 401 || (status === 403 && code === undefined)) return 'auth';
  if (status === 408) return 'timeout';
  if (status >= 500) return 'unavailable';
  if (status === 429) return 'rate_limited';
  // A redirect is a wrong address, every other 4xx a request we should not have made.
  return 'config';
}

function codeOf(body: unknown): string | undefined {
  const errors = field(body, 'errors');
  const code = Array.isArray(errors) ? field(errors[0], 'code') : undefined;
  return typeof code === 'string' && /^\d{5}$/.test(code) ? code : undefined;
}

function secondsAsMs(value: unknown): { readonly retryAfterMs?: number } {
  const seconds = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : undefined;
  return seconds === undefined ? {} : { retryAfterMs: seconds * 1_000 };
}
