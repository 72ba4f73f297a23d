/** Coarse limits per address, before anything else is done. Express-rate-limit counts; its counters are in our store. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { RateLimitRequestHandler, Store as RateLimitStore } from 'express-rate-limit';
import { network } from '../core/network.js';
import type { Store } from '../core/store.js';
import type { HttpDeps } from './http-deps.js';
import { sendRefusal } from './reply.js';
import { addressOf } from './request-facts.js';

/** Every address is an owner of its own: its one counter expires with its window. */
function storeBacked(store: Store, windowMs: number): RateLimitStore {
  return {
    localKeys: false,
    prefix: 'ip:',
    async increment(key) {
      const done = await store.commit(`ip:${key}`, {
        hits: [{ key: 'requests', limit: Number.MAX_SAFE_INTEGER, windowMs }],
      });
      const [count] = done.ok ? done.counts : [];
      return {
        totalHits: count?.count ?? Number.MAX_SAFE_INTEGER,
        resetTime: new Date(count?.resetAt ?? done.now + windowMs),
      };
    },
    async decrement() {},
    async resetKey(key) {
      await store.commit(`ip:${key}`, { counters: [{ do: 'clear', prefix: 'requests' }] });
    },
  };
}

/** Only requests that may change something are counted; an address over its limit waits, and its user's other sessions do not. */
export function ipLimit(http: HttpDeps): RequestHandler | undefined {
  const { rateLimit } = http;
  if (rateLimit === false) return undefined;
  let limiter: Promise<RateLimitRequestHandler> | undefined;

  return function mfaIpLimit(req: Request, res: Response, next: NextFunction): void {
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    limiter ??= createLimiter(http, rateLimit);
    limiter.then((limit) => limit(req, res, next)).catch(next);
  };
}

/** Loaded with the first request that is counted. */
async function createLimiter(
  http: HttpDeps,
  { windowMs, limit }: { readonly windowMs: number; readonly limit: number },
): Promise<RateLimitRequestHandler> {
  const { rateLimit } = await import('express-rate-limit');
  return rateLimit({
    windowMs,
    limit,
    standardHeaders: 'draft-7',
    legacyHeaders: false,
    store: storeBacked(http.flows.store, windowMs),
    // The store failing is 503, never "no limit".
    passOnStoreError: false,
    keyGenerator: (req) => network(addressOf(req.ip) ?? 'unknown'),
    handler(req, res) {
      const reset = (req as { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime;
      const retryAfterMs = reset ? Math.max(1000, reset.getTime() - http.flows.clock()) : windowMs;
      sendRefusal(http, req, res, { ok: false, code: 'rate_limited', retryAfterMs });
    },
    // Its check that a limiter is not made anew for each request sees that it is made during one.
    validate: { keyGeneratorIpFallback: false, creationStack: false },
  });
}
