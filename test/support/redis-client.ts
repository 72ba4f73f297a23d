import { createClient, createCluster } from 'redis';

/** A client that is connected; a server that goes away is no error of the test's. */
export async function redisClient(url: string) {
  return await createClient({ url })
    .on('error', () => {})
    .connect();
}

export type ConnectedRedis = Awaited<ReturnType<typeof redisClient>>;

/** The same for a cluster, of which some nodes are known. */
export async function redisCluster(urls: readonly string[]) {
  const cluster = createCluster({ rootNodes: urls.map((url) => ({ url })) });
  return await cluster.on('error', () => {}).connect();
}
