import type { NextFunction, Request, Response } from 'express';
import type { CaptchaWidget } from '../core/captcha.js';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const HEADERS = Object.entries({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'otp-credentials=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
});

/** On every answer of ours, whatever the host sets elsewhere. */
export function protect(res: Response): void {
  for (const [name, value] of HEADERS) res.setHeader(name, value);
  res.vary('Accept');
}

/** For the one page that shows a captcha: its vendor's script and frame, and where the page is from, which the vendor checks. */
export function letIn(res: Response, sources: CaptchaWidget['sources']): void {
  const added = Object.entries(sources).map(([name, more]) => [name, more.join(' ')] as const);
  const policy = [...POLICY.split('; '), ...added.filter(([name]) => !POLICY.includes(name)).map(([name]) => name)].map(
    (directive) => {
      const more = added.find(([name]) => directive === name || directive.startsWith(`${name} `));
      return more ? `${directive} ${more[1]}` : directive;
    },
  );
  res.setHeader('Content-Security-Policy', policy.join('; '));
  res.setHeader('Referrer-Policy', 'strict-origin');
  // A vendor's frame does not ask to be embedded, and would stay empty.
  res.removeHeader('Cross-Origin-Embedder-Policy');
}

export function securityHeaders(_req: Request, res: Response, next: NextFunction): void {
  protect(res);
  next();
}
