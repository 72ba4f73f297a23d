/** Sign-up, sign-in and sign-out, as in an app that never heard of a second step. */
import { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { csrf } from '../csrf.js';
import type { createPassport } from '../passport.js';
import { field, isTicked, userOf, wantsJson } from '../requests.js';
import type { Users } from '../storage/users.js';
import { signInPage, signUpPage } from '../views/sign-in.js';

export interface SignInDeps {
  readonly users: Users;
  readonly passport: ReturnType<typeof createPassport>;
  readonly limit: RequestHandler;
}

const SHORTEST_PASSWORD = 12;
const LONGEST_PASSWORD = 256;

/** What is wrong with a new password, if anything. */
export function passwordProblem(password: string): string | undefined {
  if (password.length < SHORTEST_PASSWORD) return `Use at least ${SHORTEST_PASSWORD} characters, a short sentence say`;
  return password.length > LONGEST_PASSWORD ? `Use at most ${LONGEST_PASSWORD} characters` : undefined;
}

export function signInRoutes({ users, passport, limit }: SignInDeps): Router {
  const routes = Router();

  routes.get('/signup', (req, res) => {
    if (userOf(req)) return res.redirect(303, '/');
    res.send(signUpPage(req));
  });

  routes.post('/signup', limit, csrf, async (req, res, next) => {
    const [email, password] = [field(req, 'email').trim(), field(req, 'password')];
    const problem = signUpProblem(email, password);
    if (problem) return refuse(req, res, problem);
    const user = await users.create({ email, password, requireMfa: isTicked(req, 'requireMfa') });
    // Tells who has an account. An app that must not tell answers every sign-up alike, and says the rest by mail.
    if (!user)
      return refuse(req, res, { field: 'email', text: 'There is an account with this address. Sign in instead' });
    // A hand-written log-in stops at the gate like any other: where a second step is required this calls back only if none is.
    req.logIn(user, (error: unknown) => (error ? next(error) : welcome(req, res, '/')));
  });

  routes.get('/login', (req, res) => {
    if (userOf(req)) return res.redirect(303, '/');
    res.send(
      signInPage(
        req,
        req.query.done === 'password' ? { status: 'Your password is changed. Sign in with the new one' } : {},
      ),
    );
  });

  routes.post(
    '/login',
    limit,
    csrf,
    rememberWhere,
    passport.authenticate('local', { failWithError: true }),
    // Only people without a second step come here; for the others express-mfa goes on, and ends at the same page.
    (req: Request, res: Response) => welcome(req, res, res.locals.returnTo ?? '/'),
    wrongPassword,
  );

  routes.post('/logout', csrf, (req, res, next) => {
    req.logout((error: unknown) => {
      if (error) return next(error);
      if (wantsJson(req)) return void res.json({ signedOut: true });
      res.redirect(303, '/');
    });
  });

  return routes;
}

/** The session is a new one after the log-in; what is wanted of the old one has to be read before. */
const rememberWhere: RequestHandler = (req, res, next) => {
  res.locals.returnTo = req.session.returnTo;
  next();
};

/** One answer for a wrong password and for nobody. */
const wrongPassword: ErrorRequestHandler = (error, req, res, next) => {
  if (error?.status !== 401 && error?.status !== 400) return next(error);
  res.status(401);
  if (wantsJson(req)) return void res.json({ code: 'password_wrong' });
  res.send(signInPage(req, { email: field(req, 'email'), problem: 'That address and password do not go together' }));
};

function welcome(req: Request, res: Response, to: string): void {
  if (wantsJson(req)) return void res.json({ authenticated: true, redirectTo: to });
  res.redirect(303, to);
}

export interface FieldProblem {
  readonly field: 'email' | 'password';
  readonly text: string;
}

function signUpProblem(email: string, password: string): FieldProblem | undefined {
  if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)
    return { field: 'email', text: 'Enter an email address, like ada@example.com' };
  const text = passwordProblem(password);
  return text === undefined ? undefined : { field: 'password', text };
}

function refuse(req: Request, res: Response, problem: FieldProblem): void {
  res.status(422);
  if (wantsJson(req)) return void res.json({ code: 'field_invalid', ...problem });
  res.send(signUpPage(req, { email: field(req, 'email'), requireMfa: isTicked(req, 'requireMfa'), problem }));
}
