import type { Request, Response } from 'express';
import { MfaError } from '../core/errors.js';
import type { Ticket } from '../flows/ticket.js';
import type { LogInOptions } from '../session/own-log-in.js';
import { type PassportInUse, passportKey, usePassport } from '../session/passport-session.js';
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
  const { pending: parked } = readMfa(req);
  if (!pending || parked?.id !== ticket.from) throw new MfaError('sign_in_again');
  const state = http.states.get(req);
  if (!state)
    throw new MfaError(
      'set_up',
      'express-mfa: the router is mounted and the gate is not. Add `app.use(mfa.gate())` after `passport.session()`.',
    );
  if (parked.passportKey !== passportKey(req)) usePassport(req, passportOf(http, parked.passportKey));
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

/** An administrator's log-in must not end as that of the customer with the same id: it goes on with the Passport it began with, or not at all. */
function passportOf(http: HttpDeps, key: string): PassportInUse {
  const passport = http.states.passports.get(key);
  if (passport) return passport;
  throw new MfaError(
    'set_up',
    `express-mfa: this sign-in began with the Passport whose user is in \`session.${key}\`, which this process has not seen yet. Mount its \`initialize()\` before the router, for those sessions.`,
  );
}
