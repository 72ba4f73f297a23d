/** The API of a small carrier, on the wire: `POST /messages` with a key, one text for one request. */
import type { IncomingHttpHeaders } from 'node:http';
import type { HttpCarrierOptions } from '../../src/delivery/http-carrier.js';
import type { Fault } from './faults.js';
import { vendorServer } from './vendor-server.js';

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
  const server = await vendorServer({
    work({ headers, body }) {
      if (headers.authorization !== `Key ${KEY}`) return { status: 401, body: { error: 'key' } };
      if (headers['content-type'] === 'application/json') {
        const { recipient, message } = JSON.parse(body) as { recipient: string; message: string };
        texts.set(recipient, message);
      }
      return { status: 202, body: { id: `m${requests.length + 1}` } };
    },
    note: ({ headers, body }) => void requests.push({ headers, body }),
  });
  const url = `${server.origin}/messages`;
  return {
    url,
    requests,
    fault: server.fault,
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
    close: server.close,
  };
}
