/** The developer inbox: every text, call and mail the app would have sent. Only mounted during development. */
import { Router } from 'express';
import type { Mailbox } from '../mailbox.js';
import { wantsJson } from '../requests.js';
import { inboxPage } from '../views/inbox.js';

const REFRESH_SECONDS = 3;

export function inboxRoutes(mailbox: Mailbox): Router {
  const routes = Router();

  routes.get('/inbox', async (req, res) => {
    const letters = await mailbox.letters();
    res.set('Cache-Control', 'no-store');
    if (wantsJson(req)) return void res.json({ messages: letters });
    const live = req.query.live !== undefined;
    if (live) res.set('Refresh', String(REFRESH_SECONDS));
    res.send(inboxPage(req, { letters, live }));
  });

  return routes;
}
