/** `express-mfa/http-carrier`: codes of ours through any API that takes one HTTP request for one message. */
import {
  type CallContext,
  type Channel,
  type Delivery,
  FAILURE_CLASSES,
  type FailureClass,
  type SendJob,
  type SendResult,
} from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { httpCall, jsonOf } from '../core/http-call.js';
import { refuseUnknownOptions } from '../core/known-options.js';

/** What the other side answered. */
export interface HttpCarrierAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The text as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** What an answer means. `ref` is what the other side calls the message. */
export type HttpCarrierRead =
  | { readonly sent: 'yes'; readonly ref: string }
  | {
      readonly sent: 'no' | 'unknown';
      readonly why: FailureClass;
      readonly retryAfterMs?: number;
      /** Their own code for it, for the operator: at most 40 letters, digits, `_`, `.` and `-`, and no number of six digits. Anything else is left out. */
      readonly code?: string;
    };

type Headers = Readonly<Record<string, string>>;

export interface HttpCarrierOptions {
  /** Short and stable, lower case: kept with each send and shown in the audit log. */
  readonly name: string;
  /** `https`; plain `http` only on this machine. */
  readonly url: string;
  /** Default `POST`. */
  readonly method?: 'POST' | 'PUT';
  /** The key of your account goes here. A function sees the job (`sendId` makes a good idempotency key) and the body as it is sent, for APIs that want it signed; it may be async. */
  readonly headers?: Headers | ((job: SendJob, body: string) => Headers | Promise<Headers>);
  /** What to send: an object as JSON, `URLSearchParams` as a form, a text as it is (with a `content-type` of yours). */
  readonly body: (job: SendJob) => object | URLSearchParams | string;
  /**
   * What an answer means; asked for each, whatever its status. Undefined leaves it to the status: 2xx sent; 429 `rate_limited`, 401 `auth`, other 4xx `config`, all surely not sent;
   * 408 and 5xx unknown. Only what surely was not sent is `no`: after `unknown` the next carrier is asked too.
   */
  readonly read?: (answer: HttpCarrierAnswer) => HttpCarrierRead | undefined;
  /** Default `['sms']`. */
  readonly channels?: readonly Channel[];
  /** ISO 3166 alpha-2; default everywhere. */
  readonly countries?: readonly string[];
}

const CLASSES: ReadonlySet<string> = new Set(FAILURE_CLASSES);

/** Never retries, follows no redirect, reads at most 64 kB. Throws `MfaError` (`set_up`) for options that cannot work. */
export function httpCarrier(options: HttpCarrierOptions): Delivery {
  const known = ['name', 'url', 'method', 'headers', 'body', 'read', 'channels', 'countries'];
  refuseUnknownOptions('httpCarrier', options, known);
  const { name, method = 'POST', headers = {}, body, read, channels = ['sms'], countries } = options;
  requireName(name);
  const url = usableUrl(options.url);
  requireFunction('body', body);
  if (read !== undefined) requireFunction('read', read);
  const where = countries === undefined ? {} : { countries };

  async function requestOf(job: SendJob) {
    const { type, text } = written(body(job));
    const own = Object.entries(typeof headers === 'function' ? await headers(job, text) : headers);
    const base = { 'user-agent': 'express-mfa', ...(type === undefined ? {} : { 'content-type': type }) };
    return { headers: { ...base, ...Object.fromEntries(own.map(([key, value]) => [key.toLowerCase(), value])) }, text };
  }

  async function send(job: SendJob, { signal }: CallContext): Promise<SendResult> {
    if (!channels.includes(job.channel)) return { sent: 'no', why: 'channel_unavailable' };
    if (job.text === undefined && job.code === undefined) return { sent: 'no', why: 'config' };
    let request: Awaited<ReturnType<typeof requestOf>>;
    try {
      request = await requestOf(job);
    } catch {
      return { sent: 'no', why: 'config' };
    }
    const answer = await httpCall({ method, url, headers: request.headers, body: request.text, signal });
    if (!answer.ok) return { sent: answer.sent, why: answer.why };
    const { status, text } = answer;
    const seen = { status, headers: answer.headers, text, json: jsonOf(text) };
    return resultOf(asked(read, seen) ?? byStatus(seen, job), status);
  }

  return { name, offers: channels.map((channel) => ({ channel, code: 'ours' as const, ...where })), send };
}

function written(made: object | URLSearchParams | string): { readonly type?: string; readonly text: string } {
  if (typeof made === 'string') return { text: made };
  if (made instanceof URLSearchParams) {
    return { type: 'application/x-www-form-urlencoded;charset=UTF-8', text: made.toString() };
  }
  return { type: 'application/json', text: JSON.stringify(made) };
}

/** A reader that fails has not said that nothing was sent. */
function asked(read: HttpCarrierOptions['read'], answer: HttpCarrierAnswer): HttpCarrierRead | undefined {
  try {
    return read?.(answer);
  } catch {
    return { sent: 'unknown', why: 'unavailable' };
  }
}

function byStatus({ status, headers }: HttpCarrierAnswer, { sendId }: SendJob): HttpCarrierRead {
  if (status >= 200 && status <= 299) return { sent: 'yes', ref: sendId };
  if (status === 408) return { sent: 'unknown', why: 'timeout' };
  if (status >= 500) return { sent: 'unknown', why: 'unavailable' };
  // `auth` shuts the carrier for everybody at once; 403 may be about one number.
  if (status === 401) return { sent: 'no', why: 'auth' };
  if (status !== 429) return { sent: 'no', why: 'config' };
  const later = headers['retry-after'];
  const seconds = typeof later === 'string' && /^\d{1,5}$/.test(later) ? Number(later) : undefined;
  return { sent: 'no', why: 'rate_limited', ...(seconds === undefined ? {} : { retryAfterMs: seconds * 1_000 }) };
}

/** What a reader says is taken where it is one of our words: theirs would end up in logs. */
function resultOf(said: HttpCarrierRead, status: number): SendResult {
  const detail = { status };
  if (said.sent === 'yes' && typeof said.ref === 'string' && /^[!-~]{1,200}$/.test(said.ref)) {
    return { sent: 'yes', ref: said.ref, codeOwner: 'ours' };
  }
  if ((said.sent === 'no' || said.sent === 'unknown') && CLASSES.has(said.why)) {
    const { retryAfterMs, code } = said;
    const later = Number.isFinite(retryAfterMs) ? { retryAfterMs: Number(retryAfterMs) } : {};
    const isCode = typeof code === 'string' && /^[\w.-]{1,40}$/.test(code) && !/\d{6}/.test(code);
    return { sent: said.sent, why: said.why, detail: { ...detail, ...(isCode ? { code } : {}) }, ...later };
  }
  return { sent: 'unknown', why: 'unavailable', detail };
}

function requireName(name: unknown): void {
  if (typeof name === 'string' && /^[a-z][a-z0-9-]{1,39}$/.test(name)) return;
  throw new MfaError('set_up', "httpCarrier: `name` is lower-case letters, digits and hyphens, such as 'acme-texts'.");
}

function usableUrl(given: unknown): URL {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  const isLocal = url !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url && !url.username && (url.protocol === 'https:' || (isLocal && url.protocol === 'http:'))) return url;
  throw new MfaError(
    'set_up',
    'httpCarrier: `url` is not an https address such as https://api.carrier.example/messages. A user and password go into `headers`.',
  );
}

function requireFunction(option: 'body' | 'read', given: unknown): void {
  if (typeof given === 'function') return;
  const example = { body: '({ to, text }) => ({ to, text })', read: "({ json }) => ({ sent: 'yes', ref: json.id })" };
  throw new MfaError(
    'set_up',
    `httpCarrier: \`${option}\` is not a function, as in \`${option}: ${example[option]}\`.`,
  );
}
