import { timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';

export const CSRF_FIELD = '_mfa_csrf';
export const CSRF_HEADER = 'x-mfa-csrf';

/**
 * Did one of our own pages, or a client that no browser lends its cookies to, send this? What the browser says of the sender (Sec-Fetch-Site, Origin) is
 * believed when it says "elsewhere". A form needs the session's token; JSON and methods that no form can send cannot cross origins unasked, so
 * for them the token is optional, but a wrong one is refused.
 */
export function provesOurOwn(req: Request, token: string, origin: string | undefined): boolean {
  const site = req.get('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const sender = req.get('origin');
  if (sender !== undefined && sender !== 'null' && !isOurs(sender, req, origin)) return false;
  const body = req.body as Record<string, unknown> | null | undefined;
  const given = body?.[CSRF_FIELD] ?? req.get(CSRF_HEADER);
  if (given !== undefined) return typeof given === 'string' && token !== '' && sameText(given, token);
  // Under `Referrer-Policy: no-referrer` our own pages post with `Origin: null`. Where the browser does not vouch for them in Sec-Fetch-Site
  // (plain http, Safari before 16.4) only the token can.
  return (sender !== 'null' || site === 'same-origin') && noFormSentIt(req);
}

/** Without `baseUrl` (never in production) the page and the request must at least name the same host. */
function isOurs(sender: string, req: Request, origin: string | undefined): boolean {
  if (origin !== undefined) return sender === origin;
  return URL.canParse(sender) && new URL(sender).host === req.get('host');
}

/** JSON, or no body at all with a method no form has; what `method-override` made of a form's POST is still a form's. */
function noFormSentIt(req: Request): boolean {
  const type = req.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined) return type === 'application/json';
  const { originalMethod = req.method } = req as { originalMethod?: unknown };
  return ['PUT', 'PATCH', 'DELETE'].includes(String(originalMethod));
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
