import { MfaError } from './errors.js';

/**
 * How long a name (an owner, kind, id, key of a counter, type or id of a row) may be, in bytes as it is stored. Three of them are one
 * key of an index, and PostgreSQL takes 2704 bytes for that.
 */
export const LONGEST_NAME = 800;

// SQLite and PostgreSQL know no NUL in a text, and UTF-8 has no lone surrogates: two names that differ only there would be one.
const UNSAFE = /[\0\\]|\p{Surrogate}/gu;
const ESCAPED = /\\([0-9a-f]{4})/g;
const LONGEST_ESCAPE = 5;

/** A name as any store can keep it: different names stay different, and a beginning stays a beginning. */
export function toText(name: string): string {
  return name.replace(UNSAFE, (unit) => `\\${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function fromText(text: string): string {
  return text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Throws TypeError for what is no text, `MfaError('bad_request')` for one that is too long: names can come from outside. */
export function checkName(name: string): void {
  if (typeof name !== 'string') throw new TypeError('Names in a store are texts.');
  if (name.length * LONGEST_ESCAPE <= LONGEST_NAME) return;
  if (name.length <= LONGEST_NAME && Buffer.byteLength(toText(name)) <= LONGEST_NAME) return;
  throw new MfaError('bad_request', `Names in a store have at most ${LONGEST_NAME} bytes.`);
}
