import type { Request } from 'express';
import { type HostSession, requireSession } from './session-data.js';

type Done = (error?: unknown) => void;

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
      done(error);
    });
  });
}

function skipSave(session: HostSession): void {
  const own = Object.getOwnPropertyDescriptor(session, 'save');
  replace(session, 'save', (done) => {
    if (own) Object.defineProperty(session, 'save', own);
    else delete (session as Partial<HostSession>).save;
    done();
  });
}

/** Not enumerable: what is copied or written out of a session must not hold it. */
function replace(session: HostSession, name: 'regenerate' | 'save', work: (done: Done) => void): void {
  Object.defineProperty(session, name, { configurable: true, enumerable: false, writable: true, value: work });
}
