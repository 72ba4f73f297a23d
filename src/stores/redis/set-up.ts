import { MfaError } from '../../core/errors.js';
import { nodesOf, type RedisClient, type RedisCluster } from './client.js';
import type { Connection } from './connection.js';
import { isNotAllowed } from './errors.js';

export interface SetUp {
  readonly client: RedisClient | RedisCluster;
  readonly connection: Connection;
  readonly allowEviction: boolean;
}

/** Resolves when the servers are fit for the work. Asks once; a failure to ask is not remembered. */
export function setUpCheck(setUp: SetUp): () => Promise<void> {
  let checking: Promise<void> | undefined;
  return async function checked() {
    checking ??= check(setUp);
    try {
      await checking;
    } catch (error) {
      checking = undefined;
      throw error;
    }
  };
}

async function check({ client, connection, allowEviction }: SetUp): Promise<void> {
  if (client.listenerCount('error') === 0) {
    throw new MfaError(
      'set_up',
      "redisStore: nobody listens to the client's errors, so a dropped connection would end this process. Add `client.on('error', (error) => log.warn(error))`.",
    );
  }
  if (allowEviction) return;
  const policies = await connection.within(async () => {
    const nodes = await nodesOf(client);
    return await Promise.all(nodes.map(evictionPolicy));
  });
  const policy = policies.find((each) => each !== undefined && each !== 'noeviction');
  if (policy === undefined) return;
  throw new MfaError(
    'set_up',
    `redisStore: this server drops keys when its memory is full (maxmemory-policy ${policy}), and with them locks and used codes. Set \`maxmemory-policy noeviction\`, use another server, or say \`allowEviction: true\`.`,
  );
}

/** Undefined where the server does not tell. */
async function evictionPolicy(node: RedisClient): Promise<string | undefined> {
  try {
    return /^maxmemory_policy:([a-z-]+)/m.exec(String(await node.info('memory')))?.[1];
  } catch (error) {
    if (isNotAllowed(error)) return undefined;
    throw error;
  }
}
