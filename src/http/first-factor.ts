/** What happens when a first factor was right: by the door it came through. */
import type { Request, Response } from 'express';
import { randomId } from '../core/codes.js';
import { MfaError } from '../core/errors.js';
import { subjectOf } from '../flows/account.js';
import { type BegunSignIn, beginSignIn } from '../flows/begin-sign-in.js';
import { sayNow } from '../flows/say.js';
import { firstFactorGrant } from '../flows/ticket.js';
import type { LogIn, LogInOptions } from '../session/own-log-in.js';
import { park } from '../session/park.js';
import { completeSignIn } from '../session/promote.js';
import { sessionOf } from '../session/session-data.js';
import { answerParked } from './answer-parked.js';
import type { HttpDeps } from './http-deps.js';
import { sendProblem, sendRefusal } from './reply.js';
import { factsOf } from './request-facts.js';
import { safePath } from './return-path.js';

/** One call of `req.logIn`. */
export interface Attempt {
  readonly user: object;
  readonly options: LogInOptions;
  readonly done: ((error?: unknown) => void) | undefined;
  readonly original: LogIn;
}

/** A log-in that keeps a session: completed, or parked until the second factor. */
export async function intoSession(http: HttpDeps, req: Request, res: Response, attempt: Attempt): Promise<void> {
  const { user, options, done, original } = attempt;
  const begun = await begin(http, req, attempt);
  if (!begun.ok) return sendRefusal(http, req, res, begun);
  if (begun.next !== 'complete') {
    await park(req, begun.pending, http);
    return await answerParked(http, req, res, begun.account);
  }
  const now = http.flows.clock();
  await completeSignIn(
    req,
    original,
    {
      subject: begun.subject,
      epoch: begun.epoch,
      grants: [firstFactorGrant(firstFactorName(req), now)],
      firstFactorAt: now,
      proofId: randomId(),
      options,
    },
    http,
  );
  await http.afterSignIn(req, res, user);
  done?.();
}

/** `session: false`: a door that cannot wait for a second factor. Shut where one is needed, and it says what is missing. */
export async function withoutSession(http: HttpDeps, req: Request, res: Response, attempt: Attempt): Promise<void> {
  const { user, options, done, original } = attempt;
  const begun = await begin(http, req, attempt);
  if (begun.ok) return original(user, options, (error) => done?.(error));
  const refusal = begun.code === 'sign_in_refused' ? ({ ...begun, code: 'mfa_required' } as const) : begun;
  sendProblem(http, req, res, refusal, { action: 'sign_in', href: http.signInUrl });
}

/** A door that was named where it is opened, for tokens that were themselves issued after a second factor. */
export async function exempted(http: HttpDeps, req: Request, attempt: Attempt): Promise<void> {
  const { user, options, done, original } = attempt;
  if (options.mfa !== 'exempt' || options.session !== false) {
    throw new MfaError(
      'set_up',
      "express-mfa: `mfa: 'exempt'` is for doors without a session: passport.authenticate('bearer', { session: false, mfa: 'exempt' }).",
    );
  }
  await sayNow(http.flows, { subject: subjectOf(http.flows, user), facts: factsOf(req, http.localeOf) }, [
    { type: 'sign_in.exempted', reason: firstFactorName(req) },
  ]);
  original(user, options, (error) => done?.(error));
}

async function begin(http: HttpDeps, req: Request, { user, options }: Attempt): Promise<BegunSignIn> {
  return await beginSignIn(http.flows, {
    user,
    name: firstFactorName(req),
    facts: factsOf(req, http.localeOf),
    returnTo: wantedUrl(http, req, options),
    keepSessionInfo: options.keepSessionInfo === true,
    canPark: options.session !== false,
  });
}

/** Passport does not say which strategy succeeded; a host that has several may put the name on the request. */
function firstFactorName(req: Request): string {
  const { mfaFirstFactor } = req as { mfaFirstFactor?: unknown };
  return typeof mfaFirstFactor === 'string' ? mfaFirstFactor : 'password';
}

/** Where the host would have sent the user: Passport's own options first, then the page that sent them to sign in. */
function wantedUrl(http: HttpDeps, req: Request, options: LogInOptions): string {
  const returnTo = safePath(sessionOf(req)?.returnTo);
  if (options.successReturnToOrRedirect !== undefined)
    return returnTo ?? safePath(options.successReturnToOrRedirect) ?? http.homeUrl;
  return safePath(options.successRedirect) ?? returnTo ?? http.homeUrl;
}
