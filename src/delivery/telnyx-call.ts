import type { CallContext } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { httpCall, jsonOf } from '../core/http-call.js';
import { type TelnyxFailure, telnyxFailure } from './telnyx-errors.js';

export interface TelnyxAccount {
  /** An API key, `KEY...`. */
  readonly apiKey: string;
  /** Default `https://api.telnyx.com/v2`. */
  readonly baseUrl?: string;
}

type TelnyxAnswer =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly failure: TelnyxFailure };

/** Without a body it only asks. */
export type TelnyxCall = (path: string, body: object | undefined, context: CallContext) => Promise<TelnyxAnswer>;

/** One request to Telnyx. Their SDK is not used: it sends a request that timed out up to twice more, and each is another text. */
export function telnyxCalls(who: string, { apiKey, baseUrl = 'https://api.telnyx.com/v2' }: TelnyxAccount): TelnyxCall {
  if (typeof apiKey !== 'string' || !/^[\x21-\x7e]{8,256}$/.test(apiKey)) {
    throw new MfaError('set_up', `${who}: \`apiKey\` is missing. It begins with KEY and is made in the Telnyx portal.`);
  }
  const base = usableBase(who, baseUrl);
  const headers = {
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'express-mfa',
  };

  return async (path, body, { signal }) => {
    const url = new URL(`${base}${path}`);
    const how =
      body === undefined ? ({ method: 'GET' } as const) : { method: 'POST' as const, body: JSON.stringify(body) };
    const answer = await httpCall({ ...how, url, headers, signal });
    if (!answer.ok) return { ok: false, failure: { sent: answer.sent, why: answer.why } };
    const { status, text } = answer;
    const read = jsonOf(text);
    if (status < 200 || status > 299) {
      return { ok: false, failure: telnyxFailure(status, read, answer.headers['retry-after']) };
    }
    const data = field(read, 'data');
    // A success that cannot be read may well have been one.
    if (data === undefined) return { ok: false, failure: { sent: 'unknown', why: 'unavailable', detail: { status } } };
    return { ok: true, data };
  };
}

function usableBase(who: string, given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const local = url !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url && !url.search && !url.hash && (url.protocol === 'https:' || (local && url.protocol === 'http:')))
    return url.href.replace(/\/$/, '');
  throw new MfaError('set_up', `${who}: \`baseUrl\` is not an https address like https://api.telnyx.com/v2.`);
}
