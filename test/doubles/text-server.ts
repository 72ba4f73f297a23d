/** The API of a small carrier, on the wire: `POST /messages` with a key, one text for one request. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpCarrierOptions } from '../../src/delivery/http-carrier.js';
import { bodyOf, breakOff, type Fault, type Queued, takeFault, writeJson } from './faults.js';

export interface TextServer {
  readonly url: string;
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  fault(fault: Fault): void;
  codeFor(to: string): string | undefined;
  /** As its guide would write it. */
  options(): HttpCarrierOptions;
  close(): Promise<void>;
}

const KEY = 'key-5cfd0a';

export async function textServer(): Promise<TextServer> {
  const requests: { headers: IncomingHttpHeaders; body: string }[] = [];
  const texts = new Map<string, string>();
  const faults: Queued[] = [];
  const server = createServer(async (req, res) => {
    const body = await bodyOf(req);
    requests.push({ headers: req.headers, body });
    const fault = takeFault(faults, req.url ?? '');
    if (fault && 'hang' in fault) return;
    if (fault && 'reply' in fault) return writeJson(res, fault.reply);
    if (fault) return breakOff(res, fault);
    if (req.headers.authorization !== `Key ${KEY}`) return writeJson(res, { status: 401, body: { error: 'key' } });
    if (req.headers['content-type'] === 'application/json') {
      const { recipient, message } = JSON.parse(body) as { recipient: string; message: string };
      texts.set(recipient, message);
    }
    writeJson(res, { status: 202, body: { id: `m${requests.length}` } });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`;
  return {
    url,
    requests,
    fault: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    codeFor: (to) => /\d{6}/.exec(texts.get(to) ?? '')?.[0],
    options: () => ({
      name: 'texts',
      url,
      headers: { Authorization: `Key ${KEY}` },
      body: ({ to, text }) => ({ recipient: to, message: text }),
      read({ status, json }) {
        if (status > 299) return undefined;
        const { id } = json as { id: string };
        return { sent: 'yes', ref: id };
      },
    }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
