import type { Request } from 'express';
import { randomId } from '../core/codes.js';
import type { PendingSignIn } from '../core/words.js';
import { clearUser, forgetUser, passportKey } from './passport-session.js';
import { saveSession } from './save-session.js';
import { hostKeys, type KeptKeys, regenerateWith, writeMfa } from './session-data.js';

/**
 * First factor right: a new session that holds the pending sign-in's id and no user of any Passport, so that every route that never heard of MFA is shut.
 * Saved before anybody is answered.
 */
export async function park(req: Request, pending: PendingSignIn, { carry, passportKeys }: KeptKeys): Promise<void> {
  const inUse = passportKey(req);
  for (const key of [inUse, ...passportKeys]) forgetUser(req, key);
  await regenerateWith(req, pending.keepSessionInfo ? hostKeys(req) : carry);
  const { id, owner, userId, epoch } = pending;
  writeMfa(req, { pending: { id, owner, userId, epoch, passportKey: inUse, csrf: randomId() } });
  await saveSession(req);
  clearUser(req);
}

/** The sign-in was cancelled or is over: an empty session with a new id. */
export async function unpark(req: Request): Promise<void> {
  await regenerateWith(req, []);
  writeMfa(req, undefined);
  await saveSession(req);
}

/** The session's user counts for nothing any more: signed out here, on this request and the next. */
export async function endSession(req: Request, keys: readonly string[]): Promise<void> {
  for (const key of keys) forgetUser(req, key);
  writeMfa(req, undefined);
  await regenerateWith(req, []);
  await saveSession(req);
}
