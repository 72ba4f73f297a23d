import { createHash, createHmac } from 'node:crypto';

export const PEOPLE = 64;
export const PASSWORD = 'correct horse battery staple';

/** The same secret in every contestant, so that the load knows everybody's codes. */
export function secretOf(person: number): string {
  return base32(bytesOf(person));
}

function bytesOf(person: number): Buffer {
  return createHash('sha1').update(`person ${person}`).digest();
}

/** RFC 6238 by hand: what the load does must not be what is measured. better-auth takes the secret's text as the key. */
export function codeOf(person: number, now: number, key: 'bytes' | 'text' = 'bytes'): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const hash = createHmac('sha1', key === 'text' ? secretOf(person) : bytesOf(person))
    .update(counter)
    .digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

function base32(bytes: Buffer): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => letters[Number.parseInt(five, 2)]).join('');
}
