/** Every answer of the library leaves through here: one result, as a page or as JSON. */
import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { CaptchaWidget } from '../core/captcha.js';
import { ERRORS, type ErrorCode, MfaError, type Refusal } from '../core/errors.js';
import { readMfa } from '../session/session-data.js';
import { assets } from './assets/index.js';
import { CSRF_FIELD } from './csrf.js';
import type { HttpDeps } from './http-deps.js';
import { wantsJson } from './negotiate.js';
import { errorPage } from './pages/error.js';
import { layout } from './pages/layout.js';
import type { Page } from './pages/page.js';
import type { ErrorView, Frame, Problem } from './pages/views.js';
import { factsOf } from './request-facts.js';
import { safePath } from './return-path.js';
import { letIn, protect } from './security-headers.js';

/** Where a client can go on. */
export interface NextStep {
  readonly action: 'sign_in' | 'challenge' | 'enrol' | 'continue' | 'save_backup_codes';
  readonly href: string;
}

export function frameOf(http: HttpDeps, req: Request, account?: string): Frame {
  const { pending, proof } = readMfa(req);
  const token = pending?.csrf ?? proof?.csrf;
  const hostToken = (req as { csrfToken?: unknown }).csrfToken;
  return {
    base: http.mountPath,
    issuer: http.flows.issuer,
    ...(account === undefined ? {} : { account }),
    csrf: [
      ...(token === undefined ? [] : [{ name: CSRF_FIELD, value: token }]),
      ...(typeof hostToken === 'function' ? [{ name: http.hostCsrfField, value: String(hostToken.call(req)) }] : []),
    ],
    home: http.homeUrl,
  };
}

export function sendPage(
  http: HttpDeps,
  req: Request,
  res: Response,
  page: Page,
  options: { status?: number; frame?: Frame; captcha?: CaptchaWidget | undefined } = {},
): void {
  protect(res);
  if (options.captcha) letIn(res, options.captcha.sources);
  const frame = options.frame ?? frameOf(http, req);
  const { css, js } = assets();
  const names = { css: css.name, js: js.name };
  const links = { css: `${frame.base}/assets/${names.css}`, js: `${frame.base}/assets/${names.js}` };
  const body = http.layout ? http.layout(inert(page.title), String(page.main), links, req) : layout(frame, page, names);
  res
    .status(options.status ?? 200)
    .type('html')
    .send(body);
}

/** A title may hold the name somebody gave a factor, and a host's layout may forget to escape it: this does no harm either way. */
function inert(title: string): string {
  return title.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('"', '”');
}

export function problemOf(refusal: Refusal): Problem {
  const { code, retryAfterMs, attemptsLeft, failedChannel, suggestedChannel } = refusal;
  const field = refusal.field ?? (code === 'code_wrong' ? 'code' : undefined);
  return {
    code,
    ...(field === undefined ? {} : { field }),
    ...(retryAfterMs === undefined ? {} : { retryAfterSeconds: seconds(retryAfterMs) }),
    ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
    ...(failedChannel === undefined ? {} : { failedChannel }),
    ...(suggestedChannel === undefined ? {} : { suggestedChannel }),
  };
}

/** RFC 9457. `code` is stable; `title` is for developers and may change. */
export function sendProblem(
  http: HttpDeps,
  req: Request,
  res: Response,
  refusal: Refusal,
  next: NextStep | undefined = nextAfter(http, refusal.code),
): void {
  const { status, title } = ERRORS[refusal.code];
  const { code, ...facts } = problemOf(refusal);
  protect(res);
  retryAfter(res, refusal);
  if (refusal.code === 'fresh_proof_required') challengeHeader(res);
  res
    .status(status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `urn:express-mfa:error:${code}`,
        title,
        status,
        code,
        ...facts,
        ...(refusal.clockSkewSeconds === undefined ? {} : { clockSkewSeconds: refusal.clockSkewSeconds }),
        ...(refusal.captcha ? { captcha: refusal.captcha } : {}),
        ...(next ? { next } : {}),
        instance: referenceOf(req),
      }),
    );
}

/** A "no" that has no page of its own to go back to: JSON, a redirect to where the person can go on, or the error page. */
export function sendRefusal(
  http: HttpDeps,
  req: Request,
  res: Response,
  refusal: Refusal,
  options: { returnTo?: string } = {},
): void {
  if (wantsJson(req)) return sendProblem(http, req, res, refusal, nextAfter(http, refusal.code, options.returnTo));
  protect(res);
  const next = nextAfter(http, refusal.code, options.returnTo);
  if (next && refusal.code !== 'sign_in_again') return res.redirect(303, next.href);
  retryAfter(res, refusal);
  const frame = frameOf(http, req);
  const page = errorPage(
    frame,
    {
      problem: problemOf(refusal),
      next: wayOn(http, refusal.code, next),
      ...(refusal.code === 'unavailable' ? { reference: referenceOf(req) } : {}),
    },
    http.copy(req),
  );
  sendPage(http, req, res, page, { status: ERRORS[refusal.code].status, frame });
}

/** What the error page's button leads to: nobody is left with a set-up that is over and no way to begin again. */
function wayOn(http: HttpDeps, code: ErrorCode, next: NextStep | undefined): NonNullable<ErrorView['next']> {
  if (next) return { label: 'sign_in', href: next.href };
  return ABOUT_FACTORS.includes(code)
    ? { label: 'factors', href: `${http.mountPath}/factors` }
    : { label: 'home', href: http.homeUrl };
}

const ABOUT_FACTORS: readonly ErrorCode[] = [
  'already_set_up',
  'conflict',
  'enrolment_expired',
  'required_by_policy',
  'too_many_factors',
];

function nextAfter(http: HttpDeps, code: ErrorCode, returnTo?: string): NextStep | undefined {
  if (code === 'sign_in_required' || code === 'sign_in_again') return { action: 'sign_in', href: http.signInUrl };
  if (code === 'mfa_required') return { action: 'challenge', href: `${http.mountPath}/challenge` };
  if (code !== 'fresh_proof_required') return undefined;
  return { action: 'challenge', href: challengeHref(http, returnTo) };
}

export function challengeHref(http: HttpDeps, returnTo?: string): string {
  // `originalUrl` may be a whole URL: the request line of a proxy's client names a host too.
  const back = safePath(returnTo);
  return `${http.mountPath}/challenge${back === undefined ? '' : `?return=${encodeURIComponent(back)}`}`;
}

/** A fault: something needed to decide broke. Nobody is told what; the host is, with the reference the client was given. */
export function sendFault(http: HttpDeps, req: Request, res: Response, error: unknown): void {
  const known = error instanceof MfaError && error.code !== 'set_up' ? error : undefined;
  if (!known || known.code === 'unavailable') tellHost(http, req, error);
  if (res.headersSent) return void res.destroy();
  const code = known ? (known.code as ErrorCode) : 'unavailable';
  const retryAfterMs = known?.retryAfterMs;
  const refusal: Refusal = { ok: false, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  try {
    sendRefusal(http, req, res, refusal);
  } catch (again) {
    // The page itself is what breaks (the host's layout, texts or CSRF token): the problem needs none of them.
    if (again !== error) tellHost(http, req, again);
    sendProblem(http, req, res, refusal);
  }
}

export function tellHost(http: HttpDeps, req: Request, error: unknown): void {
  const { requestId } = factsOf(req);
  http.onError(error, {
    method: req.method,
    path: req.originalUrl.split('?')[0] ?? '',
    ...(requestId ? { requestId } : {}),
    reference: referenceOf(req),
  });
}

const references = new WeakMap<Request, string>();

/** One for each request: what a person reads out to support is what `onError` was told. */
function referenceOf(req: Request): string {
  const reference = references.get(req) ?? `urn:uuid:${randomUUID()}`;
  references.set(req, reference);
  return reference;
}

/** RFC 9470 section 3. */
export function challengeHeader(res: Response, details: { maxAgeSeconds?: number } = {}): void {
  const age = details.maxAgeSeconds === undefined ? '' : `, max_age="${details.maxAgeSeconds}"`;
  res.append(
    'WWW-Authenticate',
    `Bearer error="insufficient_user_authentication", error_description="A recent proof of a second factor is required"${age}`,
  );
}

/** Every "not now" says when to come back, also where nobody knows exactly. */
const UNLESS_KNOWN_MS: Readonly<Record<number, number>> = { 429: 60_000, 503: 5_000 };

export function retryAfter(res: Response, { code, retryAfterMs }: Refusal): void {
  const ms = retryAfterMs ?? UNLESS_KNOWN_MS[ERRORS[code].status];
  if (ms !== undefined) res.set('Retry-After', String(seconds(ms)));
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
