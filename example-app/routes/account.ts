/** Pages for people who are signed in. */
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Mfa } from '../../src/index.js';
import { csrf } from '../csrf.js';
import { field, signedIn, userOf, wantsJson } from '../requests.js';
import type { User, Users } from '../storage/users.js';
import { accountPage, type PasswordProblem, passwordPage } from '../views/account.js';
import { passwordProblem } from './sign-in.js';

export interface AccountDeps {
  readonly users: Users;
  readonly mfa: Mfa;
  readonly limit: RequestHandler;
}

export function accountRoutes({ users, mfa, limit }: AccountDeps): Router {
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

  async function changeProblem({ email }: User, req: Request): Promise<PasswordProblem | undefined> {
    const text = passwordProblem(field(req, 'password'));
    if (text !== undefined) return { field: 'password', text };
    if (await users.withPassword(email, field(req, 'current'))) return undefined;
    return { field: 'current', text: 'That is not your password' };
  }

  return routes;
}

function refuse(req: Request, res: Response, problem: PasswordProblem): void {
  res.status(422);
  if (wantsJson(req)) return void res.json({ code: 'field_invalid', ...problem });
  res.send(passwordPage(req, problem));
}
