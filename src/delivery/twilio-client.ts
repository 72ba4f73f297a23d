import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';

/**
 * The part of the official SDK's client (`twilio` 5 and 6) that is used here. A client made by `twilio(accountSid, authToken)` fits as
 * it is. Answers are `unknown`: they are read field by field, never trusted by type.
 */
export interface TwilioClient {
  readonly verify: {
    readonly v2: {
      services(sid: string): {
        readonly verifications: {
          (sidOrNumber: string): { update(params: { status: 'canceled' | 'approved' }): Promise<unknown> };
          create(params: TwilioVerificationParams): Promise<unknown>;
        };
        readonly verificationChecks: {
          create(params: { verificationSid: string; code: string }): Promise<unknown>;
        };
      };
    };
  };
  readonly messages: {
    (sid: string): { readonly feedback: { create(params: { outcome: 'confirmed' }): Promise<unknown> } };
    create(params: TwilioMessageParams): Promise<unknown>;
  };
  readonly calls: { create(params: TwilioCallParams): Promise<unknown> };
}

interface TwilioVerificationParams {
  to: string;
  channel: string;
  locale?: string;
  /** 4 to 10 digits. */
  customCode?: string;
}

export interface TwilioMessageParams {
  to: string;
  from?: string;
  messagingServiceSid?: string;
  body?: string;
  contentSid?: string;
  contentVariables?: string;
  /** Seconds, 1 to 36000. */
  validityPeriod?: number;
  statusCallback?: string;
  contentRetention?: 'discard';
  addressRetention?: 'obfuscate';
  provideFeedback?: true;
}

interface TwilioCallParams {
  to: string;
  from: string;
  twiml: string;
  /** Seconds the phone may ring. */
  timeout?: number;
  statusCallback?: string;
}

/** Throws `set_up` where `client` cannot be what `name` needs. Reads no lazy part of the client: that would load it. */
export function requireTwilioClient(name: string, client: unknown, part: keyof TwilioClient | 'lookups'): void {
  if (typeof client !== 'object' || client === null || !(part in client)) {
    throw new MfaError(
      'set_up',
      `${name}: \`client\` is not a client of the twilio SDK. Write: ${name}({ client: twilio(accountSid, authToken), ... }).`,
    );
  }
  if (!retriesByItself(client)) return;
  // Seen with 6.2.0: every 429 is repeated, final answers such as 60203 (out of sends) included.
  throw new MfaError(
    'set_up',
    `${name}: this client has \`autoRetry\` on, and a repeated send can be a second text. Pass a client of its own: twilio(accountSid, authToken, { timeout: 10_000 }).`,
  );
}

/** Throws `set_up` unless `value` is a SID with this prefix. Says only how `value` begins: it may be a secret in the wrong place. */
export function requireSid(name: string, option: string, value: unknown, prefix: string): void {
  if (isSid(value, prefix)) return;
  const got = typeof value === 'string' ? `text of length ${value.length} ("${value.slice(0, 2)}...")` : typeof value;
  throw new MfaError(
    'set_up',
    `${name}: \`${option}\` is ${got}, not a SID such as ${prefix} and 32 hexadecimal digits. Copy it from the Twilio console.`,
  );
}

/** Whether `value` is a Twilio identifier: one of the prefixes, then 32 hexadecimal digits. */
export function isSid(value: unknown, ...prefixes: readonly string[]): value is string {
  return typeof value === 'string' && prefixes.includes(value.slice(0, 2)) && /^[0-9a-f]{32}$/i.test(value.slice(2));
}

function retriesByItself(client: object): boolean {
  const own = field(client, 'autoRetry');
  const inHttpClient = field(field(field(client, 'opts'), 'httpClient'), 'autoRetry');
  return own === true || inHttpClient === true;
}
