/** What everything that speaks HTTP is given. Made once, in create-mfa. */
import type { Request, Response } from 'express';
import type { Channel } from '../core/delivery.js';
import type { HostUser } from '../core/words.js';
import type { FlowDeps } from '../flows/deps.js';
import type { EpochWatch } from '../flows/epoch-watch.js';
import type { Ticket } from '../flows/ticket.js';
import type { RequestStates } from '../session/request-state.js';
import type { Copy } from './copy.js';
import type { HostLayout } from './pages/layout.js';
import type { SetUpChecks } from './set-up-checks.js';

/** What the host's own answer to a parked sign-in may say. */
export interface ChallengeAnswer {
  readonly mfaRequired: true;
  readonly purpose: 'sign-in';
  readonly factors: readonly {
    readonly factorId: string;
    readonly kind: string;
    readonly name: string;
    readonly destination?: string;
    /** What a code may be asked for by, and by which it goes where none is named. */
    readonly channels?: readonly Channel[];
    readonly suggestedChannel?: Channel;
  }[];
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly next: { readonly action: 'challenge' | 'enrol'; readonly href: string };
  readonly csrfToken: string;
}

export interface HttpDeps {
  readonly flows: FlowDeps;
  readonly epochs: EpochWatch;
  readonly states: RequestStates<Ticket>;
  readonly checks: SetUpChecks;
  /** Where the router is mounted, without a trailing slash. */
  readonly mountPath: string;
  /** The public origin; undefined only outside production. */
  readonly origin: string | undefined;
  readonly signInUrl: string;
  readonly homeUrl: string;
  /** Session keys of the host that live on at sign-in. */
  readonly carry: readonly string[];
  /** Session keys under which Passport instances keep their user. */
  readonly passportKeys: readonly string[];
  readonly existingSessions: 'challenge' | 'end' | { readonly keepUntil: number };
  readonly hostCsrfField: string;
  readonly rateLimit: { readonly windowMs: number; readonly limit: number } | false;
  readonly copy: (req: Request) => Copy;
  readonly layout: HostLayout | undefined;
  readonly afterSignIn: (req: Request, res: Response, user: HostUser) => Promise<void>;
  readonly localeOf: ((req: Request) => string | undefined) | undefined;
  readonly onChallenge: ((req: Request, res: Response, answer: ChallengeAnswer) => void | Promise<void>) | undefined;
  /** Told of faults behind a 503: never of wrong codes. Never throws. */
  readonly onError: (error: unknown, about: FaultPlace) => void;
}

/** Which request a fault befell. */
interface FaultPlace {
  readonly method: string;
  readonly path: string;
  readonly requestId?: string;
  /** The `instance` of the problem the client was sent. */
  readonly reference?: string;
}
