import { createClient } from 'redis';

/** A client that is connected; a server that goes away is no error of the test's. */
export async function redisClient(url: string) {
  return await createClient({ url })
    .on('error', () => {})
    .connect();
}

export type ConnectedRedis = Awaited<ReturnType<typeof redisClient>>;
