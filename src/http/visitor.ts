import type { Request } from 'express';
import type { Asking, Visitor } from '../flows/account.js';
import { serializedUser } from '../session/passport-session.js';
import { readMfa } from '../session/session-data.js';
import type { HttpDeps } from './http-deps.js';
import { factsOf } from './request-facts.js';

/** Who asks, by the session alone. Undefined: nobody we know. */
export function visitorOf(http: Pick<HttpDeps, 'passportKeys'>, req: Request): Visitor | undefined {
  const { pending, proof } = readMfa(req);
  if (pending)
    return {
      state: 'pending',
      pendingId: pending.id,
      owner: pending.owner,
      userId: pending.userId,
      epoch: pending.epoch,
    };
  if (proof && http.passportKeys.some((key) => serializedUser(req, key) === proof.serialized))
    return { state: 'signed-in', proof };
  return undefined;
}

export function askingOf(http: Pick<HttpDeps, 'passportKeys' | 'localeOf'>, req: Request): Asking | undefined {
  const visitor = visitorOf(http, req);
  return visitor && { visitor, facts: factsOf(req, http.localeOf) };
}
