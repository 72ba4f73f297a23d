/**
 * Mistakes in how a host puts the pieces together, each with what to write instead. docs/set-up-checks.md is the list. What would leave a door open is an error
 * and shuts it; what only weakens is told to `onError`, once.
 */
import type { Request, Response } from 'express';
import { MfaError } from '../core/errors.js';
import type { Ticket } from '../flows/ticket.js';
import { hostSessions } from '../session/host-session.js';
import { serializedUser, userProperty } from '../session/passport-session.js';
import type { RequestStates } from '../session/request-state.js';
import { NOT_ENDABLE, sessionOf } from '../session/session-data.js';
import type { HttpDeps } from './http-deps.js';

/** After so many requests the process looks no more. */
const WATCHED_REQUESTS = 100;

export interface SetUpChecks {
  /** A request at the gate. */
  request(req: Request, res: Response): void;
  /** A log-in that is about to be kept in the session. */
  logIn(req: Request): void;
}

const NO_GATE =
  'the gate has not seen this request. Add `app.use(mfa.gate())` after `passport.session()`, before the router and the routes it is to guard.';

const GATE_BEFORE_SESSION =
  'the gate stands before `session()`, so sessions without a proof pass it. Mount it after: `app.use(session({ … }), passport.session(), mfa.gate())`.';

/** Undefined where the gate stands between the session and what comes now. */
export function misplacedGate({ states }: Pick<HttpDeps, 'states'>, req: Request): MfaError | undefined {
  const state = states.get(req);
  if (!state) return new MfaError('set_up', `express-mfa: ${NO_GATE}`);
  if (state.hadSession || !sessionOf(req)) return undefined;
  return new MfaError('set_up', `express-mfa: ${GATE_BEFORE_SESSION}`);
}

/** Links and redirects rest on the path; a wrong one would be noticed by the first user instead of the first request. */
export function misplacedRouter({ mountPath }: Pick<HttpDeps, 'mountPath'>, req: Request): MfaError | undefined {
  if (req.baseUrl.toLowerCase() === mountPath.toLowerCase()) return undefined;
  return new MfaError(
    'set_up',
    `express-mfa: the router is mounted at \`${req.baseUrl || '/'}\`, and createMfa was told \`mountPath: '${mountPath}'\`. Make them the same.`,
  );
}

export function createSetUpChecks({
  states,
  passportKeys,
  production,
  onError,
}: Pick<HttpDeps, 'passportKeys' | 'onError'> & {
  readonly states: RequestStates<Ticket>;
  readonly production: boolean;
}): SetUpChecks {
  const told = new Set<string>();
  let watched = 0;
  let watchedLogIns = 0;

  function tell(req: Request, advice: string | undefined): void {
    if (advice === undefined || told.has(advice)) return;
    told.add(advice);
    onError(new MfaError('set_up', advice.startsWith('express-mfa:') ? advice : `express-mfa: ${advice}`), {
      method: req.method,
      path: req.originalUrl.split('?')[0] ?? '',
    });
  }

  const isKept = (req: Request) => passportKeys.some((key) => serializedUser(req, key) !== undefined);

  /** What only shows when everything else has had the request. */
  function afterwards(req: Request, wasKept: boolean): void {
    const state = states.get(req);
    if (state && !state.hadSession && sessionOf(req)) tell(req, GATE_BEFORE_SESSION);
    const user = (req as unknown as Record<string, unknown>)[userProperty(req)];
    // A session that was destroyed meanwhile leaves its user on the request.
    if (user && state && !state.loggedIn && !wasKept && !isKept(req)) tell(req, userOutside(req));
  }

  return {
    request(req, res) {
      if (watched >= WATCHED_REQUESTS) return;
      watched += 1;
      for (const advice of ofProxies(req, production)) tell(req, advice);
      for (const advice of ofSessions(req, production)) tell(req, advice);
      const wasKept = isKept(req);
      res.once('finish', () => afterwards(req, wasKept));
    },
    logIn(req) {
      if (!production || watchedLogIns >= WATCHED_REQUESTS) return;
      watchedLogIns += 1;
      tell(req, ofUnsentCookie(req));
    },
  };
}

function* ofProxies(req: Request, production: boolean): Generator<string> {
  const trusted: unknown = req.app.get('trust proxy');
  if (trusted === true)
    yield "`trust proxy` is true, so every client can write its own address into X-Forwarded-For, and limits per address are none. Say how many proxies are in front of the app: `app.set('trust proxy', 1)`.";
  else if (production && !trusted && req.get('x-forwarded-for') !== undefined)
    yield "requests come with X-Forwarded-For, and `trust proxy` is off: behind a proxy everybody has the proxy's address, and shares its limits. Say how many proxies are in front of the app: `app.set('trust proxy', 1)`.";
}

function* ofSessions(req: Request, production: boolean): Generator<string> {
  const sessions = hostSessions(req);
  if (!sessions) return;
  if (!sessions.endable) {
    yield NOT_ENDABLE;
    return;
  }
  if (!production) return;
  const { inMemory, cookie } = sessions;
  if (inMemory)
    yield 'sessions are kept in the memory of this process: they leak, end with it, and other processes do not know them. Pass a `store` to `session()`, such as connect-redis.';
  if (cookie.secure !== true)
    yield "the session cookie is also sent without TLS. Write `session({ cookie: { secure: true } })`, and behind a proxy that ends TLS `app.set('trust proxy', 1)`.";
  if (cookie.httpOnly === false)
    yield 'scripts can read the session cookie. Leave `cookie.httpOnly` at its default, true.';
  if (cookie.sameSite === 'none')
    yield "the session cookie is sent along with requests that other sites cause. Write `session({ cookie: { sameSite: 'lax' } })` unless your pages live in frames of other sites.";
}

/** express-session leaves such a cookie out without a word, and the sign-in begins anew for ever. */
function ofUnsentCookie(req: Request): string | undefined {
  if (hostSessions(req)?.cookie.secure !== true || req.secure) return undefined;
  return "somebody signs in over plain HTTP, as far as Express knows, and `cookie.secure` keeps the session cookie from being sent: nobody stays signed in, unless `session({ proxy: true })` knows better. Behind a proxy that ends TLS write `app.set('trust proxy', 1)`.";
}

function userOutside(req: Request): string {
  return `something other than \`req.logIn\` has put a user on \`req.${userProperty(req)}\` (\`assignProperty\`, a token of your own), and nobody asked for a second factor there. Use \`passport.authenticate(…)\` without \`assignProperty: 'user'\`; a token issued after a second factor comes in by \`{ session: false, mfa: 'exempt' }\`.`;
}
