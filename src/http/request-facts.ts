import { isIP } from 'node:net';
import type { Request } from 'express';
import type { RequestFacts } from '../core/words.js';

/** What events may know of a request. The address is Express's, so it is as true as the host's `trust proxy`. */
export function factsOf(req: Request, localeOf?: (req: Request) => string | undefined): RequestFacts {
  const ip = addressOf(req.ip);
  const userAgent = oneLine(req.get('user-agent'), 256);
  const { id } = req as { id?: unknown };
  const requestId = typeof id === 'string' || typeof id === 'number' ? oneLine(String(id), 128) : undefined;
  const locale = tagOf(asked(req, localeOf)) ?? tagOf(accepted(req));
  return {
    ...(ip ? { ip } : {}),
    ...(userAgent ? { userAgent } : {}),
    ...(requestId ? { requestId } : {}),
    ...(locale ? { locale } : {}),
  };
}

/** The host's own answer; what it throws is no reason to send nothing. */
function asked(req: Request, localeOf: ((req: Request) => string | undefined) | undefined): unknown {
  try {
    return localeOf?.(req);
  } catch {
    return undefined;
  }
}

function accepted(req: Request): string | undefined {
  return req.get('accept-language') === undefined ? undefined : req.acceptsLanguages()[0];
}

/** A language tag of BCP 47, of a length that one has. */
function tagOf(given: unknown): string | undefined {
  if (typeof given !== 'string' || given.length > 35) return undefined;
  const tag = given.replaceAll('_', '-');
  return /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag) ? tag : undefined;
}

/** Behind a trusted proxy this is text from a header: some proxies add the port, and a client behind a badly set one can send anything. */
export function addressOf(ip: string | undefined): string | undefined {
  const address = ip?.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1').replace(/^\[([^\]]+)\](:\d+)?$/, '$1');
  return address !== undefined && isIP(address) > 0 ? address : undefined;
}

/** Line breaks in a header must not make lines in somebody's log. */
function oneLine(text: string | undefined, length: number): string | undefined {
  return text?.slice(0, length).replace(/\p{Cc}/gu, ' ');
}
