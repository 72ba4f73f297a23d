/** Pages for people who are signed in. */
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Mfa } from '../../src/index.js';
import { csrf } from '../csrf.js';
import { field, signedIn, userOf, wantsJson } from '../requests.js';
import type { User, Users } from '../storage/users.js';
import { accountPage, deletePage, type PasswordProblem, passwordPage } from '../views/account.js';
import { passwordProblem } from './sign-in.js';

export interface AccountDeps {
  readonly users: Users;
  readonly mfa: Mfa;
  readonly limit: RequestHandler;
  readonly endSessions: (userId: string) => Promise<void>;
}

export function accountRoutes({ users, mfa, limit, endSessions }: AccountDeps): Router {
  const routes = Router();

  routes.get('/account', signedIn, async (req, res) => {
    const user = userOf(req) as User;
    const { factors, backupCodesLeft, required } = await mfa.api.factorsOf(user.id);
    if (wantsJson(req)) return void res.json({ email: user.email, factors, backupCodesLeft, required });
    res.send(accountPage(req, { user, factors, backupCodesLeft, required }));
  });

  routes.get('/account/password', signedIn, (req, res) => void res.send(passwordPage(req)));

  routes.post('/account/password', signedIn, limit, csrf, async (req, res) => {
    const user = userOf(req) as User;
    const problem = await changeProblem(user, req);
    if (problem) return refuse(req, res, problem);
    await users.changePassword(user, field(req, 'password'));
    // Every proof and pending sign-in made with the old password is void, and `endSessions` ends the sessions, this one too.
    await mfa.api.credentialsChanged(user.id);
    req.session.destroy(() => {
      if (wantsJson(req)) return void res.json({ changed: true, redirectTo: '/login' });
      res.redirect(303, '/login?done=password');
    });
  });

  routes.get('/account/download', signedIn, async (req, res) => {
    const { email, signedInAt, ...user } = userOf(req) as User;
    const twoStepSignIn = await mfa.api.exportUser(user.id);
    res.attachment('harbour-account.json').set('Cache-Control', 'no-store');
    res.json({ account: { email, signedInAt }, twoStepSignIn });
  });

  routes.get('/account/delete', signedIn, (req, res) => void res.send(deletePage(req)));

  routes.post('/account/delete', signedIn, limit, csrf, async (req, res) => {
    const user = userOf(req) as User;
    if (!(await users.withPassword(user.email, field(req, 'current')))) return refuse(req, res, NOT_YOURS, deletePage);
    // In this order: from here on nobody finds the user, and then nothing of theirs is left to find.
    await users.remove(user);
    await mfa.api.forgetUser(user.id);
    await endSessions(user.id);
    req.session.destroy(() => {
      if (wantsJson(req)) return void res.json({ deleted: true, redirectTo: '/' });
      res.redirect(303, '/');
    });
  });

  async function changeProblem({ email }: User, req: Request): Promise<PasswordProblem | undefined> {
    const text = passwordProblem(field(req, 'password'));
    if (text !== undefined) return { field: 'password', text };
    if (await users.withPassword(email, field(req, 'current'))) return undefined;
    return NOT_YOURS;
  }

  return routes;
}

const NOT_YOURS: PasswordProblem = { field: 'current', text: 'That is not your password' };

function refuse(req: Request, res: Response, problem: PasswordProblem, page = passwordPage): void {
  res.status(422);
  if (wantsJson(req)) return void res.json({ code: 'field_invalid', ...problem });
  res.send(page(req, problem));
}
