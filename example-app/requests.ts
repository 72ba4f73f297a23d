/** What the routes ask of a request. */
import type { NextFunction, Request, Response } from 'express';
import type { User } from './storage/users.js';

/** JSON for clients that ask for it or send it; a page for everybody else. */
export function wantsJson(req: Request): boolean {
  const accept = req.get('accept');
  return accept && accept !== '*/*' ? req.accepts(['html', 'json']) === 'json' : Boolean(req.is('json'));
}

/** Whoever is signed in; while the second step is outstanding that is nobody. */
export function userOf(req: Request): User | undefined {
  return req.user as User | undefined;
}

/** One text field of a body, whatever was sent. */
export function field(req: Request, name: string): string {
  const value: unknown = req.body?.[name];
  return typeof value === 'string' ? value : '';
}

export function isTicked(req: Request, name: string): boolean {
  const value: unknown = req.body?.[name];
  return value === true || value === 'on';
}

/** Middleware for pages of signed-in people. Knows nothing of a second step, and need not. */
export function signedIn(req: Request, res: Response, next: NextFunction): void {
  if (userOf(req)) return next();
  if (wantsJson(req)) return void res.status(401).json({ code: 'sign_in_required' });
  if (req.method === 'GET') req.session.returnTo = req.path;
  res.redirect(303, '/login');
}
