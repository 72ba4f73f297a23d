import type { Request, Response } from 'express';
import { MfaError } from '../core/errors.js';
import type { Ticket } from '../flows/ticket.js';
import type { LogInOptions } from '../session/own-log-in.js';
import { completeSignIn, stepUp } from '../session/promote.js';
import { readMfa } from '../session/session-data.js';
import type { HttpDeps } from './http-deps.js';

/**
 * The one funnel: a ticket becomes a signed-in session, or more proof for one. Routes, strategies and the gate all end here. The session must still hold
 * what the ticket was made from; the commit behind the ticket saw to it that there is only one.
 */
export async function finish(
  http: HttpDeps,
  req: Request,
  res: Response,
  ticket: Ticket,
  options: LogInOptions = {},
): Promise<void> {
  if (ticket.purpose === 'step-up') {
    await stepUp(req, {
      epoch: ticket.epoch,
      grants: ticket.grants,
      withoutEnrolments: ticket.withoutEnrolments ?? [],
      proofId: ticket.proofId,
      from: ticket.from,
    });
    return;
  }
  const { pending } = ticket;
  if (!pending || readMfa(req).pending?.id !== ticket.from) throw new MfaError('sign_in_again');
  const state = http.states.get(req);
  if (!state)
    throw new MfaError(
      'set_up',
      'express-mfa: the router is mounted and the gate is not. Add `app.use(mfa.gate())` after `passport.session()`.',
    );
  await completeSignIn(
    req,
    state.original(),
    {
      subject: ticket.subject,
      epoch: ticket.epoch,
      grants: ticket.grants,
      firstFactorAt: pending.startedAt,
      proofId: ticket.proofId,
      options: { ...options, keepSessionInfo: pending.keepSessionInfo || options.keepSessionInfo === true },
    },
    http,
  );
  await http.afterSignIn(req, res, ticket.subject.user);
}
