/** Each request has an id, so that what it did can be found again: in the audit log, and in what was sent because of it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';

const current = new AsyncLocalStorage<string>();

/** express-mfa writes `req.id` into its events. */
export const withRequestId: RequestHandler = (req, _res, next) => {
  const id = randomUUID();
  Object.assign(req, { id });
  current.run(id, next);
};

/** Undefined outside of a request. */
export function currentRequestId(): string | undefined {
  return current.getStore();
}
