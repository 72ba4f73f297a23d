/** Twilio's status callbacks and Event Streams. https://www.twilio.com/docs/usage/security#validating-requests */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { CallHeaders, CarrierWebhook, DeliveryReport, DeliveryState } from '../core/carrier-webhook.js';
import type { FailureClass } from '../core/delivery.js';
import { field } from '../core/field.js';
import { isSid } from './twilio-client.js';
import { classOfTwilioCode } from './twilio-errors.js';

/** The state of each status that is an end; on the way there nobody is told anything. */
const STATES: ReadonlyMap<string, DeliveryState> = new Map([
  ['delivered', 'delivered'],
  ['read', 'delivered'],
  ['undelivered', 'undelivered'],
  ['failed', 'undelivered'],
  ['canceled', 'undelivered'],
  // Of calls.
  ['completed', 'delivered'],
  ['busy', 'undelivered'],
  ['no-answer', 'undelivered'],
]);

const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/** `publicUrl` answers what address Twilio called for the path and query that arrived here. */
export function twilioWebhook({
  authTokens,
  publicUrl,
}: {
  readonly authTokens: readonly string[];
  readonly publicUrl: (target: string) => string;
}): CarrierWebhook {
  return {
    name: 'twilio',
    looksSigned: (headers) => SIGNATURE.test(one(headers, 'x-twilio-signature')),
    isGenuine(call) {
      const given = Buffer.from(one(call.headers, 'x-twilio-signature'), 'base64');
      const url = publicUrl(call.target);
      const asJson = isJson(call.headers);
      if (!asJson && !isForm(call.body)) return false;
      const signed = asJson ? '' : parametersOf(call.body);
      let right = false;
      for (const token of authTokens) {
        for (const candidate of withAndWithoutPort(url)) {
          const expected = createHmac('sha1', token)
            .update(candidate + signed)
            .digest();
          right = same(expected, given) || right;
        }
      }
      // Only the address is signed there: without the hash in it any body could be put under the signature.
      const bodyRight = !asJson || isBodyOf(url, call.body);
      return right && bodyRight;
    },
    reportsOf: (call) => (isJson(call.headers) ? ofEvents(call.body) : ofForm(call.body)),
  };
}

/** A callback has some thirty. To sort tens of thousands is work that strangers would have done before their signature is known to be wrong. */
const MOST_PARAMETERS = 500;

function isForm(body: Buffer): boolean {
  let ampersands = 0;
  for (const byte of body) if (byte === 0x26) ampersands += 1;
  return ampersands < MOST_PARAMETERS;
}

/** Address, then each parameter's name and value, in the order of the names; a name that comes twice has its values sorted, each once. */
function parametersOf(body: Buffer): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(body.toString('utf8'))) {
    values.set(name, (values.get(name) ?? new Set()).add(value));
  }
  return [...values.keys()]
    .sort()
    .flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value))
    .join('');
}

/** Twilio signs the address as it was written down, in some products with the port that goes without saying. */
function withAndWithoutPort(url: string): readonly string[] {
  const parts = /^(https?:)\/\/([^/?#]*?)(?::(\d+))?([/?].*)?$/s.exec(url);
  if (!parts) return [url, url];
  const [, scheme = '', host = '', port, rest = ''] = parts;
  return [`${scheme}//${host}${rest}`, `${scheme}//${host}:${port ?? DEFAULT_PORTS[scheme]}${rest}`];
}

function isBodyOf(url: string, body: Buffer): boolean {
  const given = new URLSearchParams(url.split('?')[1] ?? '').get('bodySHA256') ?? '';
  return same(createHash('sha256').update(body).digest(), Buffer.from(given, 'hex'));
}

function ofForm(body: Buffer): readonly DeliveryReport[] {
  const form = new URLSearchParams(body.toString('utf8'));
  const message = form.get('MessageSid');
  const ref = message ?? form.get('CallSid');
  const status = form.get(message === null ? 'CallStatus' : 'MessageStatus');
  const sequence = form.get('SequenceNumber') ?? '';
  return report({ ref, status, errorCode: form.get('ErrorCode'), eventId: `${status}.${sequence}` });
}

/** Event Streams send lists of CloudEvents: of Messaging, and of Verify. */
function ofEvents(body: Buffer): readonly DeliveryReport[] | undefined {
  let events: unknown;
  try {
    events = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  return (Array.isArray(events) ? (events as unknown[]) : [events]).flatMap((event) => {
    const data = field(event, 'data');
    const id = field(event, 'id');
    return report({
      ref: field(data, 'messageSid') ?? field(data, 'verification_sid'),
      status: field(data, 'messageStatus') ?? field(data, 'message_status'),
      errorCode: field(data, 'errorCode') ?? field(data, 'error_code'),
      eventId: typeof id === 'string' ? id : '',
    });
  });
}

function report(said: {
  readonly ref: unknown;
  readonly status: unknown;
  readonly errorCode: unknown;
  readonly eventId: string;
}): readonly DeliveryReport[] {
  const { ref, status, errorCode, eventId } = said;
  if (!isSid(ref, 'SM', 'MM', 'CA', 'VE')) return [];
  const state = STATES.get(String(status).toLowerCase());
  if (state === undefined) return [];
  return [{ ref, state, eventId, ...(state === 'undelivered' ? { why: whyOf(errorCode) } : {}) }];
}

/** Twilio advises to read little into the code of a message that failed; a number that could not be reached is the least of it. */
function whyOf(errorCode: unknown): FailureClass {
  return classOfTwilioCode(Number(errorCode)) ?? 'unreachable';
}

function isJson(headers: CallHeaders): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(one(headers, 'content-type'));
}

function one(headers: CallHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** What is of another length takes as long. */
function same(expected: Buffer, given: Buffer): boolean {
  const fits = given.length === expected.length;
  return timingSafeEqual(expected, fits ? given : Buffer.alloc(expected.length)) && fits;
}
