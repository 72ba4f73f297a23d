/** Protects the app's own forms. The pages of express-mfa protect themselves. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { showProblem } from './views/problem.js';

declare module 'express-session' {
  interface SessionData {
    csrf: string;
    returnTo: string;
  }
}

/** The token for a form: one for each session, made when the first form is shown. */
export function csrfToken(req: Request): string {
  req.session.csrf ??= randomBytes(24).toString('base64url');
  return req.session.csrf;
}

export function csrf(req: Request, res: Response, next: NextFunction): void {
  // A form of another site cannot send JSON, and its script would have to ask us first: we allow no origin but our own.
  if (req.method === 'GET' || req.method === 'HEAD' || req.is('json')) return next();
  if (sameText(String(req.body?._csrf ?? ''), req.session.csrf ?? '')) return next();
  showProblem(req, res, {
    status: 403,
    code: 'csrf_failed',
    text: 'This page was open for too long. Go back, reload it and try again.',
  });
}

function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return expected !== '' && a.length === b.length && timingSafeEqual(a, b);
}
