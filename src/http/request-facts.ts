import type { Request } from 'express';
import type { RequestFacts } from '../core/words.js';

/** What events may know of a request. The address is Express's, so it is as true as the host's `trust proxy`. */
export function factsOf(req: Request): RequestFacts {
  const userAgent = oneLine(req.get('user-agent'), 256);
  const { id } = req as { id?: unknown };
  const requestId = typeof id === 'string' || typeof id === 'number' ? oneLine(String(id), 128) : undefined;
  const locale = req.acceptsLanguages()[0];
  return {
    ...(req.ip ? { ip: req.ip } : {}),
    ...(userAgent ? { userAgent } : {}),
    ...(requestId ? { requestId } : {}),
    ...(locale && locale !== '*' && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(locale) ? { locale } : {}),
  };
}

/** Line breaks in a header must not make lines in somebody's log. */
function oneLine(text: string | undefined, length: number): string | undefined {
  return text?.replace(/\p{Cc}/gu, ' ').slice(0, length);
}
