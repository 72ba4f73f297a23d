/** A page that wants more than a session: a second step of the last minutes. */
import { type RequestHandler, Router } from 'express';
import type { Duration, Mfa } from '../../src/index.js';
import { csrf } from '../csrf.js';
import { field, signedIn, userOf, wantsJson } from '../requests.js';
import type { User } from '../storage/users.js';
import { noSecondStepPage, payoutPage } from '../views/payout.js';

export function payoutRoutes({ mfa, within }: { readonly mfa: Mfa; readonly within: Duration }): Router {
  const routes = Router();
  // The form comes back here after the step-up. Without this it is the page that sent it, which Helmet's Referrer-Policy does not tell.
  const fresh = mfa.require({ within, returnTo: '/payout' });

  routes.get('/payout', signedIn, enrolled(mfa), fresh, (req, res) => {
    if (wantsJson(req)) return void res.json({ ready: true });
    res.send(payoutPage(req, req.query.done === '1' ? { done: true } : {}));
  });

  routes.post('/payout', signedIn, enrolled(mfa), fresh, csrf, (req, res) => {
    const amount = Number(wantsJson(req) ? req.body?.amount : field(req, 'amount'));
    if (!(amount > 0 && amount <= 1000)) {
      res.status(422);
      if (wantsJson(req)) return void res.json({ code: 'field_invalid', field: 'amount' });
      return void res.send(payoutPage(req, { problem: 'Enter an amount from 1 to 1000' }));
    }
    if (wantsJson(req)) return void res.json({ paid: amount });
    res.redirect(303, '/payout?done=1');
  });

  return routes;
}

/** Nobody can prove a second step they do not have; they are told where to get one. */
function enrolled(mfa: Mfa): RequestHandler {
  return async function hasSecondStep(req, res, next) {
    const { factors } = await mfa.api.factorsOf((userOf(req) as User).id);
    if (factors.length > 0) return next();
    res.status(403);
    if (wantsJson(req))
      return void res.json({ code: 'second_step_missing', next: { action: 'enrol', href: '/mfa/factors' } });
    res.send(noSecondStepPage(req));
  };
}
