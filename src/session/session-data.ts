/** What this library keeps in the host's session: ids and facts, never a secret, a code or a counter. */
import type { Request } from 'express';
import { MfaError } from '../core/errors.js';
import type { Proof, UserId } from '../core/words.js';

/** The part of express-session that is used; any session middleware with these works. */
export interface HostSession {
  [key: string]: unknown;
  regenerate(done: (error?: unknown) => void): void;
  save(done: (error?: unknown) => void): void;
}

/** The parked sign-in as the session knows it; all else is in the store. */
interface ParkedPending {
  readonly id: string;
  readonly owner: string;
  readonly userId: UserId;
  readonly epoch: number;
  /** The key of the Passport instance whose log-in was parked. */
  readonly passportKey: string;
  readonly csrf: string;
}

/** Which session keys live on at sign-in, and which are Passport's. */
export interface KeptKeys {
  readonly carry: readonly string[];
  readonly passportKeys: readonly string[];
}

export interface MfaSession {
  readonly pending?: ParkedPending;
  readonly proof?: Proof;
}

const KEY = 'mfa';

export function sessionOf(req: Request): HostSession | undefined {
  return (req as unknown as { session?: HostSession }).session ?? undefined;
}

export const NOT_ENDABLE =
  'express-mfa: the session cannot be regenerated. Sessions that live in the cookie itself (cookie-session) cannot be ended by the server; use express-session with a store.';

/** Whether the server can put an end to it. */
export function isEndable(session: HostSession): boolean {
  return typeof session.regenerate === 'function' && typeof session.save === 'function';
}

/** The session, or advice on why there is none. */
export function requireSession(req: Request): HostSession {
  const session = sessionOf(req);
  if (!session)
    throw new MfaError(
      'unavailable',
      'express-mfa: this request has no session. Mount `mfa.gate()` after `session()`; if it is, the session store is unreachable.',
    );
  if (!isEndable(session)) throw new MfaError('set_up', NOT_ENDABLE);
  return session;
}

/** What is not of our shape, such as a `session.mfa` of the host's own from before, counts as nothing. */
export function readMfa(req: Request): MfaSession {
  const kept = sessionOf(req)?.[KEY];
  if (!isObject(kept)) return {};
  const { pending, proof } = kept;
  return {
    ...(isObject(pending) && isText(pending.id) && isText(pending.owner) && isText(pending.passportKey)
      ? { pending: pending as unknown as ParkedPending }
      : {}),
    ...(isObject(proof) && isText(proof.id) && isText(proof.owner) && Array.isArray(proof.grants)
      ? { proof: proof as unknown as Proof }
      : {}),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function writeMfa(req: Request, value: MfaSession | undefined): void {
  const session = requireSession(req);
  if (value) session[KEY] = value;
  else delete session[KEY];
}

/** A new session id, and of the old content only the named keys. The old record is deleted in the session store, not just forgotten by the cookie. */
export async function regenerateWith(req: Request, keys: readonly string[]): Promise<void> {
  const before = requireSession(req);
  const kept = entriesOf(before, keys);
  await settled((done) => before.regenerate(done));
  const after = requireSession(req);
  for (const [key, value] of kept) after[key] = value;
}

/** Those of the named keys that are there. */
export function entriesOf(session: HostSession, keys: readonly string[]): readonly (readonly [string, unknown])[] {
  return keys.filter((key) => session[key] !== undefined).map((key) => [key, session[key]] as const);
}

/** Everything the host has put into the session; not the cookie, not ours. */
export function hostKeys(req: Request, except: readonly string[] = []): readonly string[] {
  return Object.keys(requireSession(req)).filter((key) => key !== 'cookie' && key !== KEY && !except.includes(key));
}

/** Of a call of the host's session: a failure is that of its store. */
export function settled(work: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => {
      if (error) reject(new MfaError('unavailable', 'express-mfa: the session store failed.', { cause: error }));
      else resolve();
    });
  });
}
