/** Ways in which another side fails, on the wire. */
import type { ServerResponse } from 'node:http';
import type { Reply } from './twilio/wire.js';

/** What to do to the next request instead of answering it well. */
export type Fault = (
  | { readonly reply: Reply }
  /** The connection ends without an answer. */
  | { readonly reset: true }
  /** Half an answer, then the connection ends. */
  | { readonly cut: true }
  /** No answer at all. */
  | { readonly hang: true }
  /** A page of some gateway, with this status. */
  | { readonly html: number }
  /** The right answer, this much later. */
  | { readonly slowMs: number }
) & {
  /** Only requests whose path contains this. */
  readonly on?: string;
  /** How many requests; 1 unless told. */
  readonly times?: number;
  /** Does the work first: the request counts, only its answer is lost. */
  readonly after?: boolean;
};

/** A text goes out as it is. */
export function writeJson(response: ServerResponse, { status, body }: Reply): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

export function breakOff(response: ServerResponse, fault: Fault): void {
  if ('reset' in fault) response.socket?.resetAndDestroy();
  if ('html' in fault) {
    response.writeHead(fault.html, { 'content-type': 'text/html' }).end('<html><body>Gateway</body></html>');
  }
  if ('cut' in fault) {
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': '500' });
    response.write('{"sid": "VE', () => response.socket?.resetAndDestroy());
  }
}
