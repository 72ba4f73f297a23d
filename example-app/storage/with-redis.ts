// In your app:
//   import { tiered } from 'express-mfa';
//   import { redisStore } from 'express-mfa/redis';
import { tiered } from '../../src/index.js';
import { redisStore } from '../../src/stores/redis.js';
import type { Storage } from './open.js';
import { openRedis } from './redis.js';
import { attemptsInRedis } from './redis-attempts.js';
import { RedisSessions } from './redis-sessions.js';

/** Redis takes what is short-lived; and, where the rest is only a file, all of the second steps, so that they need not be on this machine. */
export async function withRedis(rest: Storage, url: string, isDurable: boolean): Promise<Storage> {
  const client = await openRedis(url);
  const fast = redisStore({ client, prefix: 'harbour:mfa:' });
  return {
    ...rest,
    sessions: new RedisSessions(client),
    attempts: attemptsInRedis(client),
    secondSteps: isDurable ? tiered({ durable: rest.secondSteps, fast }) : fast,
    told: isDurable
      ? 'users, second steps and activity in PostgreSQL; sessions, open sign-ins and counters in Redis'
      : `second steps, sessions and counters in Redis; users in ${rest.told.replace('everything in ', '')}`,
    async close() {
      if (client.isReady) await client.close();
      else client.destroy();
      await rest.close();
    },
  };
}
