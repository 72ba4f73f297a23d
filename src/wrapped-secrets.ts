import { randomBytes } from 'node:crypto';
import { type Duration, durationMs } from './core/duration.js';
import { MfaError } from './core/errors.js';
import { refuseUnknownOptions } from './core/known-options.js';
import { keyIdOfSecret } from './core/sealing.js';

/** A key management service, as far as it is needed: it keeps a key of its own that never leaves it. Both calls may reject. */
export interface Kms {
  /** Encrypts a few bytes under the service's present key. */
  wrap(plain: Uint8Array): Promise<Uint8Array>;
  /** Decrypts what `wrap` made, under whichever of the service's keys made it. */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}

export interface WrappedSecretOptions {
  /** How long one call to the service may take; default 10 s, at most 60. */
  readonly timeout?: Duration;
}

const FORMAT = 'w1';
const SECRET_BYTES = 32;
const KEY_ID = /^[\w-]{8}$/;

/**
 * Makes a new secret and gives it back wrapped, as a text that may lie in the environment or a configuration file: who has no access to the service
 * cannot use it. Throws `MfaError('set_up')` where the service fails, or does not give back what it was given.
 */
export async function wrapSecret(kms: Kms, options: WrappedSecretOptions = {}): Promise<string> {
  const call = caller('wrapSecret', kms, options);
  return await wrapped(call, randomBytes(SECRET_BYTES));
}

/**
 * Unwraps them, one call each, once when the app starts: `secrets: await unwrapSecrets(kms, [process.env.MFA_SECRET, ...older])`. Newest first, as in
 * `secrets`. Throws `MfaError('set_up')` where the service fails, takes too long, or gives back something else than was wrapped.
 */
export async function unwrapSecrets(
  kms: Kms,
  texts: readonly string[],
  options: WrappedSecretOptions = {},
): Promise<readonly string[]> {
  const call = caller('unwrapSecrets', kms, options);
  if (!Array.isArray(texts) || texts.length === 0) {
    throw new MfaError(
      'set_up',
      'unwrapSecrets: expected a list with at least one wrapped secret. Make one with `await wrapSecret(kms)`.',
    );
  }
  return await Promise.all(texts.map(async (text, index) => secretOf(await unwrapped(call, text, `[${index}]`))));
}

/**
 * The same secret, wrapped again: under the service's present key, or by another service. What the secret sealed needs no work. Throws like the others.
 */
export async function rewrapSecret(
  kms: Kms,
  text: string,
  { to = kms, ...options }: WrappedSecretOptions & { readonly to?: Kms } = {},
): Promise<string> {
  const from = caller('rewrapSecret', kms, options);
  return await wrapped(caller('rewrapSecret', to, options), await unwrapped(from, text, ''));
}

interface Caller {
  readonly name: string;
  wrap(plain: Uint8Array): Promise<Buffer>;
  unwrap(wrapped: Uint8Array, what: string): Promise<Buffer>;
}

async function wrapped(call: Caller, secret: Buffer): Promise<string> {
  const bytes = await call.wrap(secret);
  if (bytes.includes(secret)) {
    throw new MfaError('set_up', `${call.name}: kms.wrap gave the secret back as it was. It has to encrypt it.`);
  }
  const text = [FORMAT, keyIdOfSecret(secretOf(secret)), bytes.toString('base64url')].join('.');
  // Better to hear now than after everything was sealed with it that it cannot be had back.
  await unwrapped(call, text, '');
  return text;
}

async function unwrapped(call: Caller, text: string, place: string): Promise<Buffer> {
  const [format, keyId, body] = String(text).split('.');
  if (format !== FORMAT || !KEY_ID.test(keyId ?? '') || !body) {
    throw new MfaError(
      'set_up',
      `${call.name}: the wrapped secret${place} is not what wrapSecret made. Is the variable set, and whole?`,
    );
  }
  const what = `the wrapped secret${place} (key ${keyId})`;
  const secret = await call.unwrap(Buffer.from(body, 'base64url'), what);
  if (secret.length === SECRET_BYTES && keyIdOfSecret(secretOf(secret)) === keyId) return secret;
  throw new MfaError('set_up', `${call.name}: kms.unwrap gave back something else than was wrapped, for ${what}.`);
}

/** As `secrets` takes it. */
function secretOf(bytes: Buffer): string {
  return bytes.toString('base64url');
}

function caller(name: string, kms: Kms, options: WrappedSecretOptions): Caller {
  refuseUnknownOptions(name, options, ['timeout']);
  const timeoutMs = durationMs(options.timeout ?? '10s', `${name}: timeout`, { max: '60s' });
  if (typeof kms?.wrap !== 'function' || typeof kms.unwrap !== 'function') {
    throw new MfaError('set_up', `${name}: expected a kms with \`wrap(bytes)\` and \`unwrap(bytes)\`.`);
  }

  async function called(verb: 'wrap' | 'unwrap', bytes: Uint8Array, what: string): Promise<Buffer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Late()), timeoutMs);
    });
    try {
      const answer: unknown = await Promise.race([kms[verb](bytes), late]);
      if (answer instanceof Uint8Array && answer.length > 0) return Buffer.from(answer);
    } catch (error) {
      const why = error instanceof Late ? `did not answer in ${timeoutMs} ms` : `failed (${kindOf(error)})`;
      throw new MfaError('set_up', `${name}: kms.${verb} ${why}, for ${what}.`);
    } finally {
      clearTimeout(timer);
    }
    throw new MfaError('set_up', `${name}: kms.${verb} did not answer with bytes (a Uint8Array), for ${what}.`);
  }

  return {
    name,
    wrap: (plain) => called('wrap', plain, 'a secret'),
    unwrap: (bytes, what) => called('unwrap', bytes, what),
  };
}

class Late extends Error {}

/** What kind of error: a service's own words could hold its key's name, an account or the bytes. */
function kindOf(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  return /^[A-Za-z][\w.]{0,60}$/.test(name) ? name : 'an error';
}
