import type { Request } from 'express';

/** Browsers and clients send few different headers, again and again; only so many are kept, whoever sends what. */
const seen = new Map<string, boolean>();
const SEEN_AT_MOST = 64;

function prefersJson(req: Request, accept: string): boolean {
  const known = seen.get(accept);
  if (known !== undefined) return known;
  const json = req.accepts(['html', 'json']) !== 'html';
  if (seen.size < SEEN_AT_MOST && accept.length < 256) seen.set(accept, json);
  return json;
}

/** JSON where the client asks for it, or sends it without asking for a page; a page everywhere else. */
export function wantsJson(req: Request): boolean {
  const accept = req.get('accept');
  if (accept && accept !== '*/*') return prefersJson(req, accept);
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
