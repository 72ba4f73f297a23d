import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { randomId } from '../core/codes.js';
import { MfaError } from '../core/errors.js';
import { readAccount, subjectOf } from '../flows/account.js';
import { beginSignIn } from '../flows/begin-sign-in.js';
import { cancelSignIn } from '../flows/cancel-sign-in.js';
import { sayNow } from '../flows/say.js';
import { firstFactorGrant } from '../flows/ticket.js';
import { type LogIn, type LogInOptions, ownMethod, readLogInArguments } from '../session/own-log-in.js';
import { park } from '../session/park.js';
import { completeSignIn } from '../session/promote.js';
import { readMfa, sessionOf, writeMfa } from '../session/session-data.js';
import { answerParked } from './answer-parked.js';
import { settleSession } from './existing-session.js';
import { finish } from './finish.js';
import type { HttpDeps } from './http-deps.js';
import { sendFault, sendProblem } from './reply.js';
import { factsOf } from './request-facts.js';
import { safePath } from './return-path.js';
import { askingOf } from './visitor.js';

export interface GateOptions {
  /**
   * Paths besides the router's own where a strategy that runs on every request (remember-me) must not stop a pending visitor again: the log-out route.
   * Each matches itself and everything below it. Default none.
   */
  readonly stepAside?: readonly string[];
}

type Done = ((error?: unknown) => void) | undefined;

/** From here on no `req.logIn` completes before its second factor. */
export function gate(http: HttpDeps, { stepAside = [] }: GateOptions = {}): RequestHandler {
  const asidePaths = [http.mountPath, ...stepAside];

  return function mfaGate(req: Request, res: Response, next: NextFunction): void {
    if (http.states.get(req)) return next();
    takeOver(http, req, res, asidePaths);
    settleSession(http, req, res).then(
      (answered) => {
        if (!answered) next();
      },
      (error: unknown) => sendFault(http, req, res, error),
    );
  };
}

function takeOver(http: HttpDeps, req: Request, res: Response, asidePaths: readonly string[]): void {
  const logIn = ownMethod(req, ['logIn', 'login'], (...args) => {
    const { user, options, done } = readLogInArguments(args);
    gatedLogIn(http, req, res, { user, options, done, asidePaths }).catch((error: unknown) =>
      sendFault(http, req, res, error),
    );
  });
  const logOut = ownMethod(req, ['logOut', 'logout'], (...args) => gatedLogOut(http, req, logOut.original(), args));
  http.states.set(req, { res, original: () => logIn.original()?.bind(req) as LogIn | undefined });
}

interface Attempt {
  readonly user: object;
  readonly options: LogInOptions;
  readonly done: Done;
  readonly asidePaths: readonly string[];
}

async function gatedLogIn(http: HttpDeps, req: Request, res: Response, attempt: Attempt): Promise<void> {
  const { user, options, done } = attempt;
  const state = http.states.get(req);
  const original = state?.original();
  if (!state || !original)
    throw new MfaError('set_up', 'express-mfa: Passport has not seen this request; nothing to log in with.');
  if (options.mfa !== undefined) return await exempted(http, req, { user, options, done, original });
  if (state.ticket) {
    const { ticket } = state;
    delete state.ticket;
    await finish(http, req, res, ticket, options);
    return done?.();
  }
  if (await isStillPending(http, req, user)) {
    // On our own pages the visitor is already where the sign-in goes on: the strategy's request continues, with nobody signed in.
    if (isBelow(attempt.asidePaths, req)) return done?.();
    return await answerParked(http, req, res);
  }
  await begin(http, req, res, attempt, original);
}

async function begin(http: HttpDeps, req: Request, res: Response, attempt: Attempt, original: LogIn): Promise<void> {
  const { user, options, done } = attempt;
  const keepsSession = options.session !== false;
  const begun = await beginSignIn(http.flows, {
    user,
    name: firstFactorName(req),
    facts: factsOf(req),
    returnTo: wantedUrl(http, req, options),
    keepSessionInfo: options.keepSessionInfo === true,
    canPark: keepsSession,
  });
  if (!begun.ok) {
    // A door without a session cannot wait for a second factor: it is shut, and says what is missing.
    const code = !keepsSession && begun.code === 'sign_in_refused' ? 'mfa_required' : begun.code;
    return sendProblem(http, req, res, { ...begun, code }, undefined);
  }
  if (begun.next !== 'complete') {
    await park(req, begun.pending, http.carry);
    return await answerParked(http, req, res);
  }
  if (!keepsSession) {
    original(user, options, (error) => done?.(error));
    return;
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
    http.carry,
  );
  await http.afterSignIn(req, res, user);
  done?.();
}

/** A door that was named where it is opened, for tokens that were themselves issued after a second factor. */
async function exempted(
  http: HttpDeps,
  req: Request,
  { user, options, done, original }: { user: object; options: LogInOptions; done: Done; original: LogIn },
): Promise<void> {
  if (options.mfa !== 'exempt' || options.session !== false) {
    throw new MfaError(
      'set_up',
      "express-mfa: `mfa: 'exempt'` is for doors without a session: passport.authenticate('bearer', { session: false, mfa: 'exempt' }).",
    );
  }
  await sayNow(http.flows, { subject: subjectOf(http.flows, user), facts: factsOf(req) }, [
    { type: 'sign_in.exempted', reason: firstFactorName(req) },
  ]);
  original(user, options, (error) => done?.(error));
}

/** The very user whose sign-in this session is already waiting for. */
async function isStillPending(http: HttpDeps, req: Request, user: object): Promise<boolean> {
  const asking = askingOf(http, req);
  if (asking?.visitor.state !== 'pending' || asking.visitor.owner !== subjectOf(http.flows, user).owner) return false;
  return !('code' in (await readAccount(http.flows, asking.visitor)));
}

function isBelow(paths: readonly string[], req: Request): boolean {
  const path = req.originalUrl.split('?')[0] ?? '';
  return paths.some((base) => path === base || path.startsWith(`${base}/`));
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

/** Passport's log-out, and the proof with it: 0.4 and 0.5 leave the session as it is. */
function gatedLogOut(
  http: HttpDeps,
  req: Request,
  original: ((...args: unknown[]) => unknown) | undefined,
  args: readonly unknown[],
): unknown {
  const asking = askingOf(http, req);
  const { pending, proof } = readMfa(req);
  if ((pending || proof) && sessionOf(req)) writeMfa(req, undefined);
  if (asking?.visitor.state !== 'pending') return original?.apply(req, [...args]);
  const callback = args.find((one) => typeof one === 'function') as ((error?: unknown) => void) | undefined;
  const cancelled = cancelSignIn(http.flows, asking);
  if (!callback) {
    cancelled.catch((error: unknown) => http.onError(error, { method: req.method, path: req.path }));
    return original?.apply(req, [...args]);
  }
  cancelled.then(() => original?.apply(req, [...args]), callback);
  return undefined;
}
