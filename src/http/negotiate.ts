import type { Request } from 'express';

/** JSON where the client asks for it, or sends it without asking for a page; a page everywhere else. */
export function wantsJson(req: Request): boolean {
  const accept = req.get('accept');
  if (accept && accept !== '*/*') return req.accepts(['html', 'json']) !== 'html';
  return Boolean(req.is('json')) || req.get('x-requested-with') === 'XMLHttpRequest';
}

/** A person's browser going to a page: may be sent elsewhere. */
export function isNavigation(req: Request): boolean {
  return (
    (req.method === 'GET' || req.method === 'HEAD') &&
    !wantsJson(req) &&
    Boolean(req.accepts('html')) &&
    req.get('accept') !== undefined
  );
}
