import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { MfaError } from './errors.js';

/** Encrypts at rest, and hashes what only has to be recognised. Made once from `secrets`. */
export interface Sealer {
  /** AES-256-GCM (NIST SP 800-38D, 96-bit random nonce). `binding` is authenticated, not stored: opening needs the very same one. */
  seal(plaintext: string, binding: readonly string[]): Promise<string>;
  /** Throws `Unreadable` where the text was changed, was sealed for another binding, or by a key that is not in `secrets`. */
  open(sealed: string, binding: readonly string[]): Promise<string>;
  /** True where `open` would need an older key than the newest: worth sealing again. */
  isStale(sealed: string): boolean;
  /** HMAC-SHA-256 under the newest key, base64url. */
  keyedHash(text: string): string;
  /** The same under every key, newest first: to find again what was stored under an older one. */
  keyedHashes(text: string): readonly string[];
  /** Constant-time comparison of the text with a keyed hash made by any of the keys. */
  matchesKeyedHash(text: string, hash: string): boolean;
}

/** Why a sealed text does not open. */
export type UnreadableReason = 'key_missing' | 'changed' | 'unknown_form';

/** One record that cannot be opened: a fault of the set-up or the store, never of the person, and never "there is nothing". */
export class Unreadable extends MfaError {
  readonly reason: UnreadableReason;
  /** Of the key that it was sealed with, as far as that can be told. */
  readonly keyId: string | undefined;

  constructor(message: string, { reason, keyId }: { reason: UnreadableReason; keyId?: string | undefined }) {
    super('unavailable', `express-mfa: ${message}`);
    this.reason = reason;
    this.keyId = keyId;
  }
}

const FORMAT = 's1';
const SEALED = /^s1\.([\w-]{8})\./;
const KEY_ID_LENGTH = 8;
const SMALLEST_SECRET = 32;
/** 32 random hexadecimal digits have fewer once in twenty million times. */
const FEWEST_CHARACTERS = 8;

/** The id of the key a text was sealed with; undefined for what is not a sealed text. */
export function keyIdOf(text: string): string | undefined {
  return SEALED.exec(text)?.[1];
}

/** The id of a secret's key, as sealed texts name it. Nothing can be learnt from it about the secret. */
export function keyIdOfSecret(secret: string): string {
  return derive(secret, 0).id;
}

/** `secrets`: newest first, each at least 32 characters; older ones still open what they sealed. */
export function createSealer(secrets: readonly string[]): Sealer {
  // A JavaScript host may pass one text, or nothing.
  const [first, ...older] = Array.isArray(secrets) ? (secrets as readonly string[]) : [];
  if (first === undefined) {
    throw new MfaError(
      'set_up',
      'secrets: expected a list with at least one text. Write `secrets: [process.env.MFA_SECRET]`; make one with `openssl rand -base64 32`.',
    );
  }
  const newest = derive(first, 0);
  const keys = [newest, ...older.map((secret, index) => derive(secret, index + 1))];

  async function seal(plaintext: string, binding: readonly string[]): Promise<string> {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', newest.encryption, nonce).setAAD(bindingBytes(binding));
    const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [FORMAT, newest.id, nonce.toString('base64url'), body.toString('base64url')].join('.');
  }

  async function open(sealed: string, binding: readonly string[]): Promise<string> {
    const [format, id, nonce, body] = String(sealed).split('.');
    const key = keys.find((candidate) => candidate.id === id);
    const what = nameOf(binding);
    const keyId = keyIdOf(sealed);
    if (format !== FORMAT || !nonce || !body)
      throw new Unreadable(`what is sealed in ${what} is not in a form this version knows.`, {
        reason: 'unknown_form',
        keyId,
      });
    if (!key)
      throw new Unreadable(
        `${what} was sealed with key ${keyId ?? 'unknown'}, which is not in \`secrets\`. Add the old secret at the end of the list.`,
        { reason: 'key_missing', keyId },
      );
    const bytes = Buffer.from(body, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key.encryption, Buffer.from(nonce, 'base64url'), {
        authTagLength: 16,
      })
        .setAAD(bindingBytes(binding))
        .setAuthTag(bytes.subarray(-16));
      return decipher.update(bytes.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      // The runtime's own message says nothing more, and a cause could carry the bytes.
      throw new Unreadable(`what is sealed in ${what} with key ${id} was changed, or belongs to another record.`, {
        reason: 'changed',
        keyId,
      });
    }
  }

  return {
    seal,
    open,
    isStale: (sealed) => keyIdOf(sealed) !== newest.id,
    keyedHash: (text) => hmac(newest.hashing, text).toString('base64url'),
    keyedHashes: (text) => keys.map((key) => hmac(key.hashing, text).toString('base64url')),
    matchesKeyedHash(text, hash) {
      const given = Buffer.from(hash, 'base64url');
      return keys.some((key) => sameBytes(hmac(key.hashing, text), given));
    },
  };
}

function derive(secret: string, index: number) {
  if (typeof secret !== 'string' || secret.length < SMALLEST_SECRET) {
    throw new MfaError(
      'set_up',
      `secrets[${index}]: expected a random text of at least ${SMALLEST_SECRET} characters. Make one with \`openssl rand -base64 32\` and keep it out of the code.`,
    );
  }
  if (new Set(secret).size < FEWEST_CHARACTERS) {
    throw new MfaError(
      'set_up',
      `secrets[${index}]: this repeats the same few characters and can be guessed. Make a random one with \`openssl rand -base64 32\`.`,
    );
  }
  const encryption = Buffer.from(hkdfSync('sha256', secret, '', 'express-mfa encryption', 32));
  const hashing = Buffer.from(hkdfSync('sha256', secret, '', 'express-mfa keyed hash', 32));
  return {
    id: createHash('sha256').update(encryption).digest('base64url').slice(0, KEY_ID_LENGTH),
    encryption: createSecretKey(encryption),
    hashing: createSecretKey(hashing),
  };
}

/** Enrolments by their id, which people's own addresses show too; other ids are known to one session alone. */
function nameOf([kind = 'a record', , id]: readonly string[]): string {
  return kind === 'enrolment' && id !== undefined ? `the enrolment ${id}` : `a record of kind ${kind}`;
}

/** JSON keeps ['a','bc'] and ['ab','c'] apart. */
function bindingBytes(binding: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify(binding));
}

function hmac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
