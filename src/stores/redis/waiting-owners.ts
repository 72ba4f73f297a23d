import { nodesOf, type RedisClient, type RedisCluster } from './client.js';
import type { Connection } from './connection.js';
import { outboxKeys, ownerOf } from './names.js';
import { listOf } from './replies.js';

const KEYS_PER_STEP = 1000;

/** The owners that have rows which wait for the log; some more than once. Looks at every key of every node, in steps. */
export async function* waitingOwners(
  client: RedisClient | RedisCluster,
  connection: Connection,
  prefix: string,
): AsyncGenerator<string> {
  for (const node of await connection.within(() => nodesOf(client))) {
    let cursor = '0';
    do {
      const from = cursor;
      const reply = await connection.within(() => node.scan(from, { MATCH: outboxKeys(prefix), COUNT: KEYS_PER_STEP }));
      for (const key of listOf(reply.keys)) {
        const owner = ownerOf(String(key));
        if (owner !== undefined) yield owner;
      }
      cursor = String(reply.cursor);
    } while (cursor !== '0');
  }
}
