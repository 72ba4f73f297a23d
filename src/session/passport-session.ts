/** What Passport keeps, in every version from 0.4 to 0.7. */
import type { Request } from 'express';
import { MfaError } from '../core/errors.js';
import { sessionOf } from './session-data.js';

interface SessionManager {
  readonly _key?: string;
  readonly logIn: (...args: never[]) => unknown;
  readonly _serializeUser?: (user: object, req: Request, done: (error: unknown, kept?: unknown) => void) => void;
}

interface Instance {
  readonly _sm?: SessionManager;
  readonly _userProperty?: string;
}

interface PassportRequest {
  _sessionManager?: SessionManager;
  _userProperty?: string;
  _passport?: { instance?: Instance };
}

/** One Passport instance, as a request shows it that passed through it. */
export interface PassportInUse {
  readonly key: string;
  readonly userProperty: string;
  readonly manager: SessionManager;
  readonly instance: Instance | undefined;
}

function passportInUse(req: Request): PassportInUse | undefined {
  const manager = managerOf(req);
  const { _passport } = req as unknown as PassportRequest;
  return manager && { key: passportKey(req), userProperty: userProperty(req), manager, instance: _passport?.instance };
}

/** The request goes on with another instance: the one that parked the sign-in need not be the one that stands before the router. */
export function usePassport(req: Request, { manager, instance, userProperty: property }: PassportInUse): void {
  const target = req as unknown as PassportRequest;
  if (target._sessionManager) target._sessionManager = manager;
  if (target._passport && instance) target._passport.instance = instance;
  target._userProperty = property;
}

function managerOf(req: Request): SessionManager | undefined {
  const { _sessionManager, _passport } = req as unknown as PassportRequest;
  return _sessionManager ?? _passport?.instance?._sm;
}

/** The session key of the Passport instance in use: `passport` unless the host chose another. */
export function passportKey(req: Request): string {
  return managerOf(req)?._key ?? 'passport';
}

/** The Passport in use. Throws where it keeps its user under a key the library was not told of: nothing would look for a proof there. */
export function requireKnownPassport(req: Request, passportKeys: readonly string[]): PassportInUse | undefined {
  const key = passportKey(req);
  if (passportKeys.includes(key)) return passportInUse(req);
  throw new MfaError(
    'set_up',
    `express-mfa: a Passport instance keeps its user in \`session.${key}\`. Name it: createMfa({ passportKeys: ${JSON.stringify([...passportKeys, key])} }).`,
  );
}

/** `user` unless the host chose another property. */
export function userProperty(req: Request): string {
  const { _userProperty, _passport } = req as unknown as PassportRequest;
  return _userProperty ?? _passport?.instance?._userProperty ?? 'user';
}

/** Passport 0.6 and later make a new session id at log-in; 0.4 and 0.5 leave the old one, and so open to fixation. Where it cannot be told, no. */
export function regeneratesItself(req: Request): boolean {
  return (managerOf(req)?.logIn.length ?? 0) >= 4;
}

/** What `serializeUser` makes of a user, as JSON; undefined where no Passport has seen the request, or it refuses. */
export function serializedAs(req: Request, user: object): Promise<string | undefined> {
  const serialize = managerOf(req)?._serializeUser;
  if (!serialize) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    serialize(user, req, (error, kept) => resolve(error ? undefined : JSON.stringify(kept)));
  });
}

/** What `serializeUser` made of the user of this session, as JSON; undefined where nobody is signed in. */
export function serializedUser(req: Request, key: string): string | undefined {
  const kept = sessionOf(req)?.[key];
  if (typeof kept !== 'object' || kept === null) return undefined;
  const { user } = kept as { user?: unknown };
  return user === undefined || user === null || user === false ? undefined : JSON.stringify(user);
}

/** For this request and the session: nobody. */
export function forgetUser(req: Request, key: string): void {
  const session = sessionOf(req);
  if (session) delete session[key];
  // Passport 0.4 and 0.5 write their own copy back at the next log-in.
  const { _passport } = req as unknown as { _passport?: { session?: unknown } };
  if (_passport) delete _passport.session;
  clearUser(req);
}

export function clearUser(req: Request): void {
  const target = req as unknown as Record<string, unknown>;
  if (target[userProperty(req)] !== undefined) target[userProperty(req)] = undefined;
}
