import { randomBytes, randomInt, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { randomText } from './random.js';

const scryptAsync = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** Letters and digits that are not mistaken for one another (Crockford's base 32: no I, L, O, U). */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code of `length` digits, uniform over the whole range, leading zeros kept. Throws where the system has no randomness: nothing weaker is used. */
export function randomDigits(length: number): string {
  return String(randomInt(0, 10 ** length)).padStart(length, '0');
}

/** `length` characters of Crockford's base 32, 5 bits each. */
export function randomCrockford(length: number): string {
  return Array.from(randomBytes(length), (byte) => CROCKFORD[byte & 31]).join('');
}

/** 256 random bits, base64url: ids that nobody can guess. */
export function randomId(): string {
  return randomText(32, 'base64url');
}

/** What a person typed as a number: ASCII spaces and hyphens are dropped, nothing else is forgiven. Undefined when it is not `digits` digits. */
export function digitsTyped(value: unknown, digits: number): string | undefined {
  const text = shortText(value);
  if (text === undefined) return undefined;
  const bare = text.replace(/[ -]/g, '');
  return bare.length === digits && /^[0-9]+$/.test(bare) ? bare : undefined;
}

/** What a person typed as a backup code, with the look-alikes put right (O is 0, I and L are 1). Undefined when it cannot be one. */
export function crockfordTyped(value: unknown, length: number): string | undefined {
  const text = shortText(value);
  if (text === undefined) return undefined;
  const bare = text.replace(/[ -]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  return bare.length === length && /^[0-9A-HJKMNP-TV-Z]+$/.test(bare) ? bare : undefined;
}

/** Anything longer than 64 characters is refused before it is looked at. */
function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 64 ? value : undefined;
}

/**
 * scrypt with N=2^14, r=8, p=1 (about 16 MiB and 50 ms), 32 bytes. For codes of 65 random bits SP 800-63B-4 3.1.2.2 lets the work factor be small.
 * Few run at once: the pool is shared with the file system and DNS, and each holds 16 MiB.
 */
export async function slowHash(text: string, salt: Buffer): Promise<Buffer> {
  return await slots.run(() => scryptAsync(text, salt, 32, { N: 2 ** 14, r: 8, p: 1 }));
}

const slots = limited(2);

function limited(width: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  async function run<T>(work: () => Promise<T>): Promise<T> {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }
  return { run };
}
