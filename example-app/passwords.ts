import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** One of the settings OWASP recommends for scrypt: 32 MB and about a tenth of a second for each guess. */
const COST = { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 };
const KEY_BYTES = 32;

/** The salt and the hash, as one text for the database. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST);
  return ['scrypt', salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Takes as long for a person who does not exist, so that the time does not tell who has an account. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [, salt = '', key = ''] = (stored ?? NOBODY).split('$');
  const given = await derive(password, Buffer.from(salt, 'base64url'), COST);
  return timingSafeEqual(given, Buffer.from(key, 'base64url')) && stored !== undefined;
}

const NOBODY = ['scrypt', 'A'.repeat(22), 'A'.repeat(43)].join('$');

function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same letters can be typed in several ways; one form for all of them.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
