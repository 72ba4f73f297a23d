import { randomUUID } from 'node:crypto';
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createClient, createCluster } from 'redis';
import { redisStore } from '../../src/stores/redis.js';
import { storeContract } from '../../src/testing/index.js';
import { hasRedis, redisUrl, startRedisCluster, stopRedis } from '../support/redis-server.js';

const advance = (ms: number) => later(ms);

afterAll(stopRedis);

(hasRedis || process.env.REDIS_URL ? describe : describe.skip)(
  'redis keeps the promises of a store, over two connections',
  () => {
    let clients: ReturnType<typeof createClient>[];

    beforeAll(async () => {
      const url = await redisUrl();
      clients = [createClient({ url }), createClient({ url })];
      for (const client of clients) await client.on('error', () => {}).connect();
    });
    afterAll(() => Promise.all(clients.map((client) => client.close())));

    const open = () => {
      const prefix = `${randomUUID()}:`;
      return clients.map((client) => redisStore({ client, prefix, allowEviction: true }));
    };
    for (const { name, run } of storeContract({ open, advance })) it(name, run);
  },
);

(hasRedis ? describe : describe.skip)('redis keeps them on a cluster of three nodes', () => {
  let cluster: ReturnType<typeof createCluster>;

  beforeAll(async () => {
    const { nodes } = await startRedisCluster();
    cluster = createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) });
    await cluster.on('error', () => {}).connect();
  });
  afterAll(() => cluster.close());

  const open = () => redisStore({ client: cluster, prefix: `${randomUUID()}:` });
  for (const { name, run } of storeContract({ open, advance })) it(name, run);
});
