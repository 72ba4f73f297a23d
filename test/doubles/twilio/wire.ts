import { randomBytes } from 'node:crypto';

/** Form fields as Twilio receives them; a repeated field is a list. */
export type Form = Readonly<Record<string, string | readonly string[]>>;

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** One request and what was answered (`reply` is missing where the connection broke). */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly form: Form;
  readonly reply?: Reply;
}

/** What reached a person. */
export interface Arrival {
  readonly via: 'verify' | 'messages' | 'calls';
  readonly channel: string;
  /** E.164, without `whatsapp:`. */
  readonly to: string;
  readonly code: string | undefined;
  readonly text: string;
  readonly at: number;
}

export function sid(prefix: string): string {
  return prefix + randomBytes(16).toString('hex');
}

/** A refusal in Twilio's old shape, which the SDK turns into a `RestException`. */
export function refusal(status: number, code: number, message: string): Reply {
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
}

/** The same in RFC 9457's shape, which the SDK turns into a `TwilioServiceException`. */
export function problem(status: number, code: number, detail: string): Reply {
  const type = `https://www.twilio.com/docs/api/errors/${code}`;
  return { status, body: { type, title: 'Refused', status, code, detail, instance: '/request/1' } };
}

export function notFound(path: string): Reply {
  return refusal(404, 20404, `The requested resource ${path} was not found`);
}

/** The first field that this endpoint does not document, or that is given twice. */
export function strayField(form: Form, known: readonly string[]): string | undefined {
  return Object.keys(form).find((name) => !known.includes(name) || typeof form[name] !== 'string');
}

/** One field; undefined where it is absent or empty, as Twilio treats both alike. */
export function text(form: Form, name: string): string | undefined {
  const value = form[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function isE164(value: string | undefined): value is string {
  return value !== undefined && /^\+[1-9]\d{6,14}$/.test(value);
}

export function parseForm(body: string): Form {
  const form: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const earlier = form[name];
    form[name] = earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value];
  }
  return form;
}
