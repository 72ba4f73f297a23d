import { createHmac, timingSafeEqual } from 'node:crypto';

export interface CodeRules {
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: number;
}

/** The one-time password for one counter value: RFC 4226 5.3, and RFC 6238 1.2 for the other hashes. */
export function codeAt(key: Buffer, counter: number, { algorithm, digits }: CodeRules): string {
  const moving = Buffer.alloc(8);
  moving.writeUInt32BE(Math.floor(counter / 2 ** 32), 0);
  moving.writeUInt32BE(counter % 2 ** 32, 4);
  const hash = createHmac(algorithm, key).update(moving).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

/** The first of the counters, in their order, whose code this is. Which of them it is takes time to find; how much of it is right does not. */
export function counterOf(
  code: string,
  key: Buffer,
  counters: readonly number[],
  rules: CodeRules,
): number | undefined {
  const given = Buffer.from(code);
  return counters.find((counter) => {
    const right = Buffer.from(codeAt(key, counter, rules));
    return right.length === given.length && timingSafeEqual(right, given);
  });
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 base 32, padding or none; throws for anything else. */
export function bytesOfBase32(text: string): Buffer {
  const bare = text.replace(/=+$/, '').toUpperCase();
  const bytes = Buffer.alloc(Math.floor((bare.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const letter of bare) {
    const five = LETTERS.indexOf(letter);
    if (five < 0) throw new Error('express-mfa: a secret is not base 32.');
    held = ((held << 5) | five) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
  }
  return bytes;
}
