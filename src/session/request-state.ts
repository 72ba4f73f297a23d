import type { Request, Response } from 'express';
import type { LogIn } from './own-log-in.js';
import type { PassportInUse } from './passport-session.js';

/** What one request carries besides its session: Passport's own log-in, and a proof made on this very request. */
export interface RequestState<Ticket> {
  original(): LogIn | undefined;
  readonly res: Response;
  /** Whether there was a session already when the gate saw the request. */
  readonly hadSession: boolean;
  /** Somebody has called the gate's log-in. */
  loggedIn?: true;
  /** Made by a strategy, spent by the log-in that follows it. */
  ticket?: Ticket;
}

/** Kept beside the request, where no body, header or other middleware can reach it. */
export function createRequestStates<Ticket>() {
  const states = new WeakMap<Request, RequestState<Ticket>>();
  return {
    /** The Passport instances that have logged somebody in, by session key. */
    passports: new Map<string, PassportInUse>(),
    get: (req: Request) => states.get(req),
    set: (req: Request, state: RequestState<Ticket>) => void states.set(req, state),
  };
}

export type RequestStates<Ticket> = ReturnType<typeof createRequestStates<Ticket>>;
