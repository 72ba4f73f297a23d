import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { MfaError } from '../core/errors.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { type Account, readAccount, subjectOf } from '../flows/account.js';
import type { Ticket } from '../flows/ticket.js';
import { type LogIn, ownableMethod, readLogInArguments } from '../session/own-log-in.js';
import { passportKey, requireKnownPassport, serializedAs, serializedUser } from '../session/passport-session.js';
import { logInAgain } from '../session/promote.js';
import type { RequestState } from '../session/request-state.js';
import { readMfa, requireSession, sessionOf } from '../session/session-data.js';
import { answerParked } from './answer-parked.js';
import { settleSession } from './existing-session.js';
import { finish } from './finish.js';
import { type Attempt, exempted, intoSession, withoutSession } from './first-factor.js';
import type { HttpDeps } from './http-deps.js';
import { gatedLogOut } from './log-out.js';
import { sendFault } from './reply.js';
import { misplacedGate } from './set-up-checks.js';
import { visitorOf } from './visitor.js';

export interface GateOptions {
  /**
   * Paths besides the router's own where a strategy that runs on every request (remember-me) must not stop a pending visitor again: the log-out route.
   * Each matches itself and everything below it. Never the route people sign in at: its log-in callback would be called. Default none.
   */
  readonly stepAside?: readonly string[];
}

/**
 * The router's own paths. Not simply everything below the mount path: a host may keep its sign-in page there too (`/auth/login` beside `/auth/challenge`).
 */
const OWN_PATHS = ['assets', 'backup-codes', 'challenge', 'disable', 'factors', 'status'];

/** From here on no `req.logIn` completes before its second factor. */
export function gate(http: HttpDeps, options: GateOptions = {}): RequestHandler {
  refuseUnknownOptions('mfa.gate', options, ['stepAside']);
  const { stepAside = [] } = options;
  readStepAside(http, stepAside);
  const asidePaths = [...OWN_PATHS.map((name) => `${http.mountPath}/${name}`), ...stepAside].map(asRouted);

  return function mfaGate(req: Request, res: Response, next: NextFunction): void {
    if (http.states.get(req)) return next();
    takeOver(http, req, res, asidePaths);
    http.checks.request(req, res);
    settleSession(http, req, res).then(
      (answered) => {
        if (!answered) next();
      },
      (error: unknown) => sendFault(http, req, res, error),
    );
  };
}

const logIns = ownableMethod(['logIn', 'login']);
const logOuts = ownableMethod(['logOut', 'logout']);

/** On these paths nobody is stopped: the sign-in among them would be no sign-in at all. */
function readStepAside(http: HttpDeps, paths: unknown): void {
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string' && path.startsWith('/')))
    throw new MfaError('set_up', "mfa.gate: `stepAside` must be a list of paths such as ['/logout'].");
  const signIn = asRouted(http.signInUrl);
  const wrong = (paths as readonly string[]).find(
    (path) => signIn === asRouted(path) || signIn.startsWith(`${asRouted(path)}/`),
  );
  if (wrong === undefined) return;
  throw new MfaError(
    'set_up',
    `mfa.gate: \`stepAside\` names '${wrong}', and people sign in at '${http.signInUrl}': nobody would be stopped there. Name the log-out route only.`,
  );
}

function takeOver(http: HttpDeps, req: Request, res: Response, asidePaths: readonly string[]): void {
  const logIn = logIns.own(req, (...args) => {
    gatedLogIn(http, req, res, { args, asidePaths }).catch((error: unknown) => sendFault(http, req, res, error));
  });
  const logOut = logOuts.own(req, (...args) => gatedLogOut(http, req, logOut.original(), args));
  http.states.set(req, {
    res,
    hadSession: sessionOf(req) !== undefined,
    original: () => logIn.original()?.bind(req) as LogIn | undefined,
  });
}

async function gatedLogIn(
  http: HttpDeps,
  req: Request,
  res: Response,
  { args, asidePaths }: { readonly args: readonly unknown[]; readonly asidePaths: readonly string[] },
): Promise<void> {
  const { user, options, done } = readLogInArguments(args);
  const state = http.states.get(req);
  const original = state?.original();
  if (!state || !original)
    throw new MfaError('set_up', 'express-mfa: Passport has not seen this request; nothing to log in with.');
  state.loggedIn = true;
  const attempt: Attempt = { user, options, done, original };
  if (options.mfa !== undefined) return await exempted(http, req, attempt);
  if (options.session === false) return await withoutSession(http, req, res, attempt);
  // Before anything is written down for a sign-in that could not be kept.
  requireSession(req);
  const misplaced = misplacedGate(http, req);
  if (misplaced) throw misplaced;
  http.checks.logIn(req);
  const passport = requireKnownPassport(req, http.passportKeys);
  if (passport) http.states.passports.set(passport.key, passport);

  const { owner } = subjectOf(http.flows, user);
  const ticket = takeTicket(state);
  // What one user has proved is nothing to a log-in of another.
  if (ticket?.subject.owner === owner) {
    await finish(http, req, res, ticket, options);
    return done?.();
  }
  const waiting = await stillPending(http, req, owner);
  if (waiting) {
    // On our own pages the visitor is already where the sign-in goes on: the strategy's request continues, with nobody signed in.
    return isBelow(asidePaths, req) ? done?.() : await answerParked(http, req, res, waiting);
  }
  const proof = provedAlready(req, owner);
  if (proof && (await http.epochs.isCurrentInStore(owner, proof.epoch))) {
    // Nothing to write: a new session id on every request would sign out the requests that run beside it.
    if ((await serializedAs(req, user)) === proof.serialized)
      return original(user, { ...options, session: false }, (error) => done?.(error));
    await logInAgain(req, original, { user, options, proof }, http);
    return done?.();
  }
  await intoSession(http, req, res, attempt);
}

/** Spent by the first log-in of the request, whoever that is for. */
function takeTicket(state: RequestState<Ticket>): Ticket | undefined {
  const { ticket } = state;
  delete state.ticket;
  return ticket;
}

/** The very user whose sign-in this session is already waiting for. */
async function stillPending(http: HttpDeps, req: Request, owner: string): Promise<Account | undefined> {
  const visitor = visitorOf(http, req);
  if (visitor?.state !== 'pending' || visitor.owner !== owner) return undefined;
  const account = await readAccount(http.flows, visitor);
  return 'code' in account ? undefined : account;
}

/** The second factor of the very user this session is signed in as. A strategy that runs on every request would ask for it again and again. */
function provedAlready(req: Request, owner: string) {
  const { pending, proof } = readMfa(req);
  if (pending || proof?.owner !== owner || serializedUser(req, passportKey(req)) !== proof.serialized) return undefined;
  return proof.grants.some(({ enrolment }) => enrolment !== undefined) ? proof : undefined;
}

function isBelow(paths: readonly string[], req: Request): boolean {
  const path = asRouted(req.originalUrl.split('?')[0] ?? '');
  return paths.some((base) => path === base || path.startsWith(`${base}/`));
}

/** Express routes `/MFA/Challenge/` like `/mfa/challenge`. */
function asRouted(path: string): string {
  return path.toLowerCase().replace(/\/+$/, '');
}
