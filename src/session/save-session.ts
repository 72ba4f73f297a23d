/** A session is saved once for each change, and before anybody is answered. */
import type { Request } from 'express';
import { type HostSession, requireSession, settled } from './session-data.js';

type Done = (error?: unknown) => void;

/**
 * express-session saves a session with a new id once more when the answer ends, and keeps the end of the answer back until that is done. What was saved here is not
 * saved again unless somebody has changed it since.
 */
export function saveSession(req: Request): Promise<void> {
  const session = requireSession(req);
  const saved = contentOf(session);
  return settled((done) => {
    session.save((error) => {
      if (!error) leaveSaveOf(session, saved);
      done(error);
    });
  });
}

/**
 * Passport saves the session it has regenerated; ours is saved again with the proof. Of the two only the second is done: one write less in the
 * session store, and no moment at which a user without a proof is kept there.
 */
export function leaveFirstSave(req: Request): void {
  const before = requireSession(req);
  const regenerate = before.regenerate;
  replace(before, 'regenerate', (done) => {
    regenerate.call(before, (error) => {
      if (!error) skipSave(requireSession(req));
      done?.(error);
    });
  });
}

function skipSave(session: HostSession): void {
  const giveBack = replace(session, 'save', (done) => {
    giveBack();
    done?.();
  });
}

function leaveSaveOf(session: HostSession, saved: string): void {
  const giveBack = replace(session, 'save', (done) => {
    if (contentOf(session) === saved) return done?.();
    giveBack();
    session.save(done as Done);
  });
}

/** All that a store would keep but the moment at which the cookie expires: every answer moves that. */
function contentOf({ cookie, ...rest }: HostSession): string {
  return (
    JSON.stringify(rest) + JSON.stringify(cookie, (key, value: unknown) => (key === 'expires' ? undefined : value))
  );
}

/** Not enumerable: what is copied or written out of a session must not hold it. Returns what puts the old one back. */
function replace(session: HostSession, name: 'regenerate' | 'save', work: (done?: Done) => void): () => void {
  const own = Object.getOwnPropertyDescriptor(session, name);
  Object.defineProperty(session, name, { configurable: true, enumerable: false, writable: true, value: work });
  return () => {
    if (own) Object.defineProperty(session, name, own);
    else delete (session as Partial<HostSession>)[name];
  };
}
