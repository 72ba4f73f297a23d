import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type HttpCall, httpCall, jsonOf } from '../../src/core/http-call.js';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/things?x=1`);
}

const post = (url: URL, changes: Partial<HttpCall> = {}) =>
  httpCall({ method: 'POST', url, headers: {}, body: 'é', signal: AbortSignal.timeout(5_000), ...changes });

describe('a call', () => {
  it('sends what it is given, and brings status, headers and text', async () => {
    const url = await serve(async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      res.writeHead(202, { 'x-told': 'yes' });
      res.end(JSON.stringify([req.method, req.url, req.headers['content-length'], req.headers['x-key'], body]));
    });
    const answer = await post(url, { headers: { 'x-key': 'k' } });
    expect(answer).toMatchObject({ ok: true, status: 202, headers: { 'x-told': 'yes' } });
    expect(answer.ok && jsonOf(answer.text)).toEqual(['POST', '/v2/things?x=1', '2', 'k', 'é']);
  });

  it('follows no redirect', async () => {
    let asked = 0;
    const url = await serve((_req, res) => {
      asked += 1;
      res.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await post(url)).toMatchObject({ ok: true, status: 302 });
    expect(asked).toBe(1);
  });

  it('is not made when it is over before it begins', async () => {
    let asked = 0;
    const url = await serve((_req, res) => {
      asked += 1;
      res.end();
    });
    expect(await post(url, { signal: AbortSignal.abort() })).toEqual({ ok: false, sent: 'no', why: 'timeout' });
    expect(asked).toBe(0);
  });

  it('to a port where nobody listens was surely not made', async () => {
    const url = await serve(() => {});
    server?.close();
    if (server) await once(server, 'close');
    expect(await post(url)).toEqual({ ok: false, sent: 'no', why: 'unavailable' });
  });

  it('that cannot be written was not made', async () => {
    const url = await serve(() => {});
    expect(await post(url, { headers: { 'x-key': 'a\nb' } })).toEqual({ ok: false, sent: 'no', why: 'config' });
  });

  it.each<[string, RequestListener]>([
    ['ends without an answer', (_req, res) => res.socket?.destroy()],
    [
      'breaks off in the middle',
      (_req, res) => {
        res.writeHead(200, { 'content-length': '500' });
        res.write('{', () => res.socket?.resetAndDestroy());
      },
    ],
    ['is answered without end', (_req, res) => res.end('x'.repeat(70_000))],
  ])('that %s may have been carried out', async (_name, listener) => {
    const url = await serve(listener);
    expect(await post(url)).toEqual({ ok: false, sent: 'unknown', why: 'unavailable' });
  });

  it('that nobody answers ends with its signal, and its socket with it', async () => {
    const closed = new Promise<void>((resolve) => {
      serve((req) => void req.socket.once('close', resolve)).then(async (url) => {
        expect(await post(url, { signal: AbortSignal.timeout(50) })).toEqual({
          ok: false,
          sent: 'unknown',
          why: 'timeout',
        });
      }, resolve);
    });
    await closed;
  });
});

describe('an answer that is not JSON', () => {
  it('says nothing', () => {
    expect(jsonOf('<html>')).toBeUndefined();
  });
});
