/** Serves the sample pages as the router will: same paths for the assets, the strictest policy the pages must pass. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assets } from '../../../src/http/assets/index.js';
import { allPages } from './samples.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

function answerTo(path: string): { readonly type: string; readonly body: string } | undefined {
  const { css, js } = assets();
  if (path === `/mfa/assets/${css.name}`) return { type: 'text/css', body: css.body };
  if (path === `/mfa/assets/${js.name}`) return { type: 'text/javascript', body: js.body };
  const sample = allPages.find(({ name }) => path === `/${name}`);
  return sample && { type: 'text/html; charset=utf-8', body: sample.text };
}

export async function servePages(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const answer = answerTo(request.url ?? '');
    response.writeHead(answer ? 200 : 204, {
      'content-type': answer?.type ?? 'text/plain',
      'content-security-policy': POLICY,
    });
    response.end(answer?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server };
}
