/** The developer inbox: every text, call and mail the app would have sent, and a way to fail its carriers. Only mounted during development. */
import { Router } from 'express';
import type { Mfa } from '../../src/index.js';
import { csrf } from '../csrf.js';
import type { Mailbox } from '../mailbox.js';
import { pump } from '../pump.js';
import { field, wantsJson } from '../requests.js';
import type { RestingCarrier } from '../resting-carriers.js';
import type { Users } from '../storage/users.js';
import { FAULTS, TRIAL_CARRIERS } from '../trial-carriers.js';
import { inboxPage } from '../views/inbox.js';
import { showProblem } from '../views/problem.js';
import { pumpedPage } from '../views/pumped.js';

const REFRESH_SECONDS = 3;

export interface InboxDeps {
  readonly users: Users;
  readonly mfa: Mfa;
  readonly mailbox: Mailbox;
  readonly resting: () => Promise<readonly RestingCarrier[]>;
}

export function inboxRoutes({ users, mfa, mailbox, resting }: InboxDeps): Router {
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

  routes.post('/inbox/pump', csrf, async (req, res) => {
    const { localAddress = '127.0.0.1', localPort } = req.socket;
    const host = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
    const pumped = await pump(`http://${host}:${localPort}`, { mfa, users });
    if (wantsJson(req)) return void res.json(pumped);
    res.send(pumpedPage(req, pumped));
  });

  return routes;
}
