/** A host on a real port, so that parallel requests are parallel: an agent that opens a server for itself has one for all of them. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach } from '@jest/globals';
import type { TestHost } from './host.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The same host; people made with it send their requests to its port. Closed after the test. */
export async function listening(host: TestHost): Promise<TestHost> {
  const server = createServer(host.app);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { ...host, app: server as unknown as TestHost['app'] };
}

/** `work` that many times at once. */
export function together<T>(times: number, work: (index: number) => PromiseLike<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => work(index)));
}

/** How many answers had each status: `{ 200: 1, 422: 49 }`. */
export function statuses(answers: readonly { readonly status: number }[]): Record<number, number> {
  const counted: Record<number, number> = {};
  for (const { status } of answers) counted[status] = (counted[status] ?? 0) + 1;
  return counted;
}
