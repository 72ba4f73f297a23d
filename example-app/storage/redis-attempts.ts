import type { Options, Store } from 'express-rate-limit';
import { inTime, type Redis } from './redis.js';

/** Tries to sign in, counted by address for express-rate-limit. */
export function attemptsInRedis(client: Redis): Store {
  let windowMs = 0;
  const nameOf = (key: string) => `harbour:attempts:${key}`;
  const change = async (work: Promise<unknown>) => void (await inTime(work));
  return {
    localKeys: false,
    init(options: Options) {
      ({ windowMs } = options);
    },
    async increment(key) {
      // The key is made with its expiry, and then counted, in one transaction: a counter that never ends would shut people out.
      const [, totalHits, left] = await inTime(
        client
          .multi()
          .set(nameOf(key), 0, { condition: 'NX', expiration: { type: 'PX', value: windowMs } })
          .incr(nameOf(key))
          .pTTL(nameOf(key))
          .exec(),
      );
      return { totalHits: Number(totalHits), resetTime: new Date(Date.now() + Number(left)) };
    },
    decrement: (key) => change(client.decr(nameOf(key))),
    resetKey: (key) => change(client.del(nameOf(key))),
  };
}
