/** The checks of reCAPTCHA, hCaptcha and Turnstile on a local port: a form in, JSON out, every token good once. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyOf, breakOff, type Fault, type Queued, takeFault, writeJson } from './faults.js';
import type { Reply } from './twilio/wire.js';

export type CaptchaVendor = 'recaptcha' | 'hcaptcha' | 'turnstile';

const USED: Readonly<Record<CaptchaVendor, string>> = {
  recaptcha: 'timeout-or-duplicate',
  hcaptcha: 'invalid-or-already-seen-response',
  turnstile: 'timeout-or-duplicate',
};

export interface Solved {
  readonly hostname?: string;
  readonly action?: string;
  readonly score?: number;
}

export type CaptchaDouble = Awaited<ReturnType<typeof captchaDouble>>;

export async function captchaDouble(vendor: CaptchaVendor) {
  const secret = `secret-${randomUUID()}`;
  const solved = new Map<string, Solved & { spent: boolean }>();
  const asked: { readonly form: Readonly<Record<string, string>>; readonly type: string | undefined }[] = [];
  const faults: Queued[] = [];

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function refused(...codes: string[]): Reply {
    return { status: 200, body: { success: false, 'error-codes': codes } };
  }

  function work(method: string | undefined, form: Readonly<Record<string, string>>): Reply {
    if (method !== 'POST') return { status: 405, body: { success: false, 'error-codes': ['bad-request'] } };
    if (form.secret !== secret) return refused(form.secret ? 'invalid-input-secret' : 'missing-input-secret');
    if (!form.response) return refused('missing-input-response');
    const token = solved.get(form.response);
    if (!token) return refused('invalid-input-response');
    if (token.spent) return refused(USED[vendor]);
    token.spent = true;
    const { hostname = 'acme.example', action, score } = token;
    return {
      status: 200,
      body: {
        success: true,
        challenge_ts: new Date().toISOString(),
        hostname,
        ...(action === undefined ? {} : { action }),
        ...(score === undefined ? {} : { score }),
        'error-codes': [],
      },
    };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
    asked.push({ form, type: request.headers['content-type'] });
    const fault = takeFault(faults, request.url ?? '');
    if (fault === undefined) return writeJson(response, work(request.method, form));
    if ('hang' in fault) return;
    if ('reply' in fault) return writeJson(response, fault.reply);
    breakOff(response, fault);
  }

  return {
    vendor,
    siteKey: `site-key-of-${vendor}`,
    secret,
    verifyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/siteverify`,
    /** What was asked of it. */
    asked: asked as readonly (typeof asked)[number][],
    /** Somebody solves one: the token that their browser is given. */
    solve(how: Solved = {}): string {
      const token = randomUUID();
      solved.set(token, { ...how, spent: false });
      return token;
    },
    /** A token that was taken already, or is too old: vendors do not tell these apart. */
    solveAndUse(): string {
      const token = randomUUID();
      solved.set(token, { spent: true });
      return token;
    },
    fail(fault: Fault): void {
      faults.push({ fault, left: fault.times ?? 1 });
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
