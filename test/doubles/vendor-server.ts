/** The side of a vendor on a local port, spoken over real HTTP: it works by its own rules, until it is told to fail. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { breakOff, type Fault, writeJson } from './faults.js';
import type { Reply } from './twilio/wire.js';

/** A request that came in whole. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Vendor {
  work(received: Received): Reply;
  /** Told of each request, with the answer that is given; none where a fault breaks it off. */
  note?(received: Received, reply?: Reply): void;
}

export interface VendorServer {
  /** `http://127.0.0.1:40123` */
  readonly origin: string;
  /** Queues a fault; several are used up in order. */
  fault(fault: Fault): void;
  close(): Promise<void>;
}

export async function vendorServer({ work, note }: Vendor): Promise<VendorServer> {
  const faults: { readonly fault: Fault; left: number }[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function takeFault(path: string): Fault | undefined {
    const next = faults.find(({ fault, left }) => left > 0 && path.includes(fault.on ?? ''));
    if (next === undefined) return undefined;
    next.left -= 1;
    return next.fault;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, body: await bodyOf(request) };
    const fault = takeFault(path);
    const isLate = fault !== undefined && 'slowMs' in fault;
    const done = fault === undefined || fault.after || isLate ? work(received) : undefined;
    const reply = fault === undefined || isLate ? done : 'reply' in fault ? fault.reply : undefined;
    note?.(received, reply);
    if (isLate) await sleep(fault.slowMs);
    if (reply !== undefined) return writeJson(response, reply);
    if (fault !== undefined) breakOff(response, fault);
  }

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}
