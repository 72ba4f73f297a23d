/** One HTTP request to another party: over a kept connection, never retried, no redirect followed, and the answer read up to a bound. */
import { type Agent as HttpAgent, request as overHttp } from 'node:http';
import { Agent as HttpsAgent, request as overHttps, type RequestOptions } from 'node:https';
import { connectionBroke } from './connection-errors.js';
import type { FailureClass } from './delivery.js';

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** Default: one that keeps connections, shared by all calls. */
  readonly agent?: HttpAgent;
}

export type HttpAnswer =
  | {
      readonly ok: true;
      readonly status: number;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly text: string;
    }
  /** No whole answer came. `no`: it is certain that the request never left. */
  | { readonly ok: false; readonly sent: 'no' | 'unknown'; readonly why: FailureClass };

const MOST_BYTES = 64 * 1024;
const IDLE_MS = 30_000;

// A connection that the other side closes while it idles costs a send that nobody can be sure of, so they do not idle for long.
const KEPT = { keepAlive: true, keepAliveMsecs: 10_000, timeout: IDLE_MS, maxSockets: 64 } as const;
const https = new HttpsAgent(KEPT);

/** Never throws. The signal ends the request, and its socket. */
export function httpCall(call: HttpCall): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    if (call.signal.aborted) return resolve({ ok: false, sent: 'no', why: 'timeout' });
    const { url, method, headers, body, signal, agent } = call;
    const secure = url.protocol === 'https:';
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options: RequestOptions = { method, headers: { ...headers, ...length }, signal };
    if (agent) options.agent = agent;
    else if (secure) options.agent = https;
    const failed = (error: unknown) =>
      resolve({ ok: false, ...(signal.aborted ? { sent: 'unknown', why: 'timeout' } : connectionBroke(error)) });
    try {
      const request = (secure ? overHttps : overHttp)(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MOST_BYTES) request.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('error', failed);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ ok: true, status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.on('error', failed);
      request.end(body);
    } catch (error) {
      // Node refuses to write what cannot be a request.
      failed(error);
    }
  });
}

/** What an answer says, where it is JSON; undefined where it is not. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
