import type { Input } from '../core/factor.js';

/** An authenticator's secret and settings, as another system kept them. */
export interface ImportedTotp {
  readonly secret: Uint8Array;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: 6 | 8;
  readonly period: 30 | 60;
  readonly lastStep?: number;
  readonly weak: boolean;
}

/** RFC 4226 4, R6: at least 128 bits. */
const STRONG_BYTES = 16;
/** What Google Authenticator's first tools and the examples of passport-totp made: 80 bits. */
const SHORTEST_SECRET_BYTES = 10;
/** A block of SHA-1 and SHA-256; nobody's generator makes more. */
const LONGEST_SECRET_BYTES = 64;

/** Reads one row, or says in one word what is wrong with it. Never a part of the secret. */
export function readImported(
  input: Input,
  stepAt: (now: number, period: number) => number,
  now: number,
  fromBase32: (text: string) => Uint8Array,
): ImportedTotp | string {
  const { algorithm: named = 'sha1', digits = 6, period = 30, lastStep } = input;
  const algorithm = typeof named === 'string' ? named.toLowerCase().replace('-', '') : '';
  if (algorithm !== 'sha1' && algorithm !== 'sha256' && algorithm !== 'sha512') return 'algorithm_unsupported';
  if (digits !== 6 && digits !== 8) return 'digits_unsupported';
  if (period !== 30 && period !== 60) return 'period_unsupported';
  // A step that is still to come would shut its owner out until then.
  const isStep = (value: unknown): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= stepAt(now, period) + 2;
  if (lastStep !== undefined && lastStep !== null && !isStep(lastStep)) return 'last_step_malformed';
  const secret = bytesOf(input, fromBase32);
  if (typeof secret === 'string') return secret;
  if (secret.length < SHORTEST_SECRET_BYTES) return 'secret_weak';
  if (secret.length > LONGEST_SECRET_BYTES) return 'secret_too_long';
  const weak = secret.length < STRONG_BYTES;
  return { secret, algorithm, digits, period, weak, ...(isStep(lastStep) ? { lastStep } : {}) };
}

function bytesOf({ secret, encoding }: Input, fromBase32: (text: string) => Uint8Array): Uint8Array | string {
  if (secret instanceof Uint8Array) return encoding === undefined ? secret : 'encoding_unsupported';
  if (typeof secret !== 'string' || secret === '') return 'secret_unreadable';
  switch (encoding) {
    case 'base32':
      return base32Bytes(secret, fromBase32) ?? 'secret_unreadable';
    case 'hex':
      return /^(?:[0-9a-f]{2})+$/i.test(secret) ? Buffer.from(secret, 'hex') : 'secret_unreadable';
    case 'base64':
      return base64Bytes(secret) ?? 'secret_unreadable';
    case 'ascii':
      // Beyond seven bits one library reads UTF-8 and another Latin-1; pass the bytes.
      if (!/^[\0-\x7f]+$/.test(secret)) return 'secret_unreadable';
      return looksEncoded(secret) ? 'encoding_doubtful' : Buffer.from(secret, 'latin1');
    default:
      return 'encoding_unsupported';
  }
}

/** As people and QR codes write it: small letters, groups and padding are fine. */
function base32Bytes(text: string, fromBase32: (text: string) => Uint8Array): Uint8Array | undefined {
  const plain = text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase();
  if (!/^[A-Z2-7]+$/.test(plain)) return undefined;
  try {
    return fromBase32(plain);
  } catch {
    return undefined;
  }
}

function base64Bytes(text: string): Uint8Array | undefined {
  const plain = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Buffer.from(plain, 'base64');
  // Node skips what it does not know; only a text that says nothing else comes back as it was.
  return bytes.toString('base64').replace(/=+$/, '') === plain ? bytes : undefined;
}

/** Raw characters that are all base32 or all hex are most likely not raw: every code would be wrong, and nobody would know why. */
function looksEncoded(text: string): boolean {
  return text.length >= 16 && text.length % 8 === 0 && (/^[A-Z2-7]+$/.test(text) || /^[0-9a-f]+$/.test(text));
}
