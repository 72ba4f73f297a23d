/** The developer inbox: every text, call and mail the app would have sent, and a way to fail its carriers. Only mounted during development. */
import { Router } from 'express';
import { csrf } from '../csrf.js';
import type { Mailbox } from '../mailbox.js';
import { field, wantsJson } from '../requests.js';
import type { RestingCarrier } from '../resting-carriers.js';
import { FAULTS, TRIAL_CARRIERS } from '../trial-carriers.js';
import { inboxPage } from '../views/inbox.js';
import { showProblem } from '../views/problem.js';

const REFRESH_SECONDS = 3;

export interface InboxDeps {
  readonly mailbox: Mailbox;
  readonly resting: () => Promise<readonly RestingCarrier[]>;
}

export function inboxRoutes({ mailbox, resting }: InboxDeps): Router {
  const routes = Router();

  routes.get('/inbox', async (req, res) => {
    const letters = await mailbox.letters();
    res.set('Cache-Control', 'no-store');
    if (wantsJson(req)) return void res.json({ messages: letters });
    const live = req.query.live !== undefined;
    if (live) res.set('Refresh', String(REFRESH_SECONDS));
    const [faults, rests] = await Promise.all([mailbox.carriers.faults(), resting()]);
    res.send(inboxPage(req, { letters, live, faults, rests }));
  });

  routes.get('/inbox/carriers', async (_req, res) => {
    res.set('Cache-Control', 'no-store');
    res.json({ faults: await mailbox.carriers.faults(), resting: await resting() });
  });

  routes.post('/inbox/carriers', csrf, async (req, res) => {
    const carrier = TRIAL_CARRIERS.find((one) => one === field(req, 'carrier'));
    const fault = FAULTS.find((one) => one === field(req, 'fault'));
    if (!carrier || !fault) {
      return showProblem(req, res, { status: 422, code: 'field_invalid', text: 'There is no such carrier or fault.' });
    }
    await mailbox.carriers.fail(carrier, fault);
    if (wantsJson(req)) return void res.json({ carrier, fault });
    res.redirect(303, '/inbox#carriers');
  });

  return routes;
}
