import type { NextFunction, Request, Response } from 'express';

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

export function securityHeaders(_req: Request, res: Response, next: NextFunction): void {
  protect(res);
  next();
}
