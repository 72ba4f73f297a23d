import { randomBytes } from 'node:crypto';

let lastMs = 0;
let sequence = 0;

/**
 * A UUID of version 7 (RFC 9562 5.7): ids made in one process sort in the order they were made, also within one millisecond (6.2, a counter in the
 * 12 bits after the version). So the log shows a story in its order.
 */
export function eventId(now: number): string {
  const ms = Math.trunc(now);
  if (ms > lastMs) {
    lastMs = ms;
    sequence = 0;
  } else {
    sequence += 1;
    // More than 4,096 in one millisecond borrow from the next.
    if (sequence > 0xfff) {
      lastMs += 1;
      sequence = 0;
    }
  }
  const random = randomBytes(8);
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const hex = `${lastMs.toString(16).padStart(12, '0')}7${sequence.toString(16).padStart(3, '0')}${random.toString('hex')}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
