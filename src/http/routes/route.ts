/** How every route runs: a visitor who may be here, a request that proves it is ours, and one place for faults. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Input } from '../../core/factor.js';
import type { Asking } from '../../flows/account.js';
import { readMfa, requireSession } from '../../session/session-data.js';
import { provesOurOwn } from '../csrf.js';
import type { HttpDeps } from '../http-deps.js';
import { sendFault, sendRefusal } from '../reply.js';
import { safePath } from '../return-path.js';
import { askingOf } from '../visitor.js';

const LONGEST_TEXT = 512;

/** One request, as the handlers see it. */
export interface Call {
  readonly http: HttpDeps;
  readonly req: Request;
  readonly res: Response;
  readonly asking: Asking;
  /** The body's fields; never trusted, never an identity. */
  readonly input: Input;
  /** Where a step-up leads to; a same-origin path. */
  readonly returnTo: string | undefined;
}

export type Handler = (call: Call) => Promise<void>;

/**
 * Wraps a handler. `open` says whom it is for: `pending` routes answer a pending sign-in and a signed-in session; `signed-in` ones send a pending visitor back to the
 * challenge; `enrolling` ones let the flow decide, because a forced enrolment may set up its first factor.
 */
export function route(http: HttpDeps, open: 'pending' | 'signed-in' | 'enrolling', handler: Handler): RequestHandler {
  async function run(req: Request, res: Response): Promise<void> {
    // Without a session (its store is gone, and express-session goes on) nobody can say that nobody is signed in.
    requireSession(req);
    const asking = askingOf(http, req);
    if (!asking) return sendRefusal(http, req, res, { ok: false, code: 'sign_in_required' });
    const changes = req.method !== 'GET' && req.method !== 'HEAD';
    const { pending, proof } = readMfa(req);
    if (changes && !provesOurOwn(req, pending?.csrf ?? proof?.csrf ?? '', http.origin)) {
      return sendRefusal(http, req, res, { ok: false, code: 'csrf_failed' });
    }
    if (open === 'signed-in' && asking.visitor.state === 'pending')
      return sendRefusal(http, req, res, { ok: false, code: 'mfa_required' });
    const input = fieldsOf(req);
    const unusable = changes && CHOICES.find((name) => !isChoice(input, name));
    if (unusable) return sendRefusal(http, req, res, { ok: false, code: 'field_invalid', field: unusable });
    const returnTo = safePath(changes ? input.return : req.query.return);
    await handler({ http, req, res, asking, input, returnTo });
  }

  return function mfaRoute(req: Request, res: Response, _next: NextFunction): void {
    run(req, res).catch((error: unknown) => sendFault(http, req, res, error));
  };
}

/** Fields that choose something. One that cannot be read must not count as left out: the default would be chosen, and a code sent or tried. */
const CHOICES = ['factorId', 'challengeId', 'channel', 'replaces', 'country'] as const;

function isChoice(input: Input, name: string): boolean {
  const value = Object.hasOwn(input, name) ? input[name] : undefined;
  return value === undefined || value === null || (typeof value === 'string' && value.length <= LONGEST_TEXT);
}

/** Only a plain object has fields; whatever else a client sends is an empty form. */
function fieldsOf(req: Request): Input {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Input) : {};
}

/** A text field, or undefined for anything else. */
export function textField(input: Input, name: string): string | undefined {
  const value = Object.hasOwn(input, name) ? input[name] : undefined;
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT ? value : undefined;
}

/** A text in the query, or undefined. */
export function queryText(req: Request, name: string): string | undefined {
  const value = req.query[name];
  return typeof value === 'string' && value.length <= LONGEST_TEXT ? value : undefined;
}
