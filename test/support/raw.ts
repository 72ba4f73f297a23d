/** Requests as no well-behaved client writes them: bytes on a socket. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Express } from 'express';
import type { Person } from './person.js';

/** Writes the text and, unless `cut`, reads until the server ends the connection; gives back what it answered. */
export async function raw(
  app: Express,
  text: string | Buffer,
  options: { readonly cut?: boolean } = {},
): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  socket.write(text);
  if (options.cut) setTimeout(() => socket.destroy(), 50);
  await once(socket, 'close');
  server.closeAllConnections();
  server.close();
  return Buffer.concat(chunks).toString();
}

/** The value of the Cookie header the person's browser would send. */
export function cookieOf(person: Person): string {
  const { jar } = person.agent as unknown as {
    jar: { getCookies(about: object): { toValueString(): string } };
  };
  return jar.getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false }).toValueString();
}
