/** How the host keeps its sessions, as far as one request shows it. */
import type { Request } from 'express';
import { isEndable, sessionOf } from './session-data.js';

export interface HostSessions {
  /** False for cookie-session and its like. */
  readonly endable: boolean;
  /** True for the store of express-session that is meant for development. */
  readonly inMemory: boolean;
  readonly cookie: { readonly secure?: unknown; readonly httpOnly?: unknown; readonly sameSite?: unknown };
}

/** Undefined where the request has no session. */
export function hostSessions(req: Request): HostSessions | undefined {
  const session = sessionOf(req);
  if (!session) return undefined;
  const { sessionStore } = req as { sessionStore?: object };
  const { cookie } = session;
  return {
    endable: isEndable(session),
    inMemory: sessionStore?.constructor?.name === 'MemoryStore',
    cookie: typeof cookie === 'object' && cookie !== null ? cookie : {},
  };
}
