import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/**
 * `length` bytes from the system's generator, as text. Asking for a few bytes costs as much as asking for thousands, so they are fetched in stock (as Node
 * does for `randomUUID`), given out once, and wiped.
 */
export function randomText(length: number, encoding: 'base64url' | 'hex'): string {
  if (used + length > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const end = used + length;
  const text = pool.toString(encoding, used, end);
  pool.fill(0, used, end);
  used = end;
  return text;
}
