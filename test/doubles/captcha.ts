/** The checks of reCAPTCHA, hCaptcha and Turnstile on a local port: a form in, JSON out, every token good once. */
import { randomUUID } from 'node:crypto';
import type { Reply } from './twilio/wire.js';
import { vendorServer } from './vendor-server.js';

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
  /** Further fields of the vendor's answer. */
  readonly more?: object;
}

export type CaptchaDouble = Awaited<ReturnType<typeof captchaDouble>>;

export interface CaptchaDoubleOptions {
  readonly secret?: string;
  /** Takes a token as often as it comes, as no vendor says that it does. */
  readonly forgetful?: boolean;
}

export async function captchaDouble(vendor: CaptchaVendor, options: CaptchaDoubleOptions = {}) {
  const { secret = `secret-${randomUUID()}`, forgetful = false } = options;
  const solved = new Map<string, Solved & { spent: boolean }>();
  const asked: { readonly form: Readonly<Record<string, string>>; readonly type: string | undefined }[] = [];

  const server = await vendorServer({
    work: ({ method, body }) => work(method, formOf(body)),
    note: ({ headers, body }) => void asked.push({ form: formOf(body), type: headers['content-type'] }),
  });

  function refused(...codes: string[]): Reply {
    return { status: 200, body: { success: false, 'error-codes': codes } };
  }

  function work(method: string, form: Readonly<Record<string, string>>): Reply {
    if (method !== 'POST') return { status: 405, body: { success: false, 'error-codes': ['bad-request'] } };
    if (form.secret !== secret) return refused(form.secret ? 'invalid-input-secret' : 'missing-input-secret');
    if (!form.response) return refused('missing-input-response');
    const token = solved.get(form.response);
    if (!token) return refused('invalid-input-response');
    if (token.spent) return refused(USED[vendor]);
    token.spent = !forgetful;
    const { hostname = 'acme.example', action, score, more = {} } = token;
    return {
      status: 200,
      body: {
        success: true,
        challenge_ts: new Date().toISOString(),
        hostname,
        ...(action === undefined ? {} : { action }),
        ...(score === undefined ? {} : { score }),
        'error-codes': [],
        ...more,
      },
    };
  }

  return {
    vendor,
    siteKey: `site-key-of-${vendor}`,
    secret,
    verifyUrl: `${server.origin}/siteverify`,
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
    fail: server.fault,
    close: server.close,
  };
}

const formOf = (body: string) => Object.fromEntries(new URLSearchParams(body));
