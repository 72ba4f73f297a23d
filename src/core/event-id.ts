import { randomText } from './random.js';

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
  const time = lastMs.toString(16).padStart(12, '0');
  const random = randomText(8, 'hex');
  const variant = '89ab'[Number.parseInt(random.charAt(0), 16) & 3];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${variant}${random.slice(1, 4)}-${random.slice(4)}`;
}
