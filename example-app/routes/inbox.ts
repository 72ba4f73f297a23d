/** The developer inbox: every text, call and mail the app would have sent. Only mounted during development. */
import { Router } from 'express';
import type { Mailbox } from '../mailbox.js';
import { wantsJson } from '../requests.js';
import { inboxPage, type Letter } from '../views/inbox.js';

const REFRESH_SECONDS = 3;

export function inboxRoutes(mailbox: Mailbox): Router {
  const routes = Router();

  routes.get('/inbox', (req, res) => {
    const letters = lettersIn(mailbox);
    res.set('Cache-Control', 'no-store');
    if (wantsJson(req)) return void res.json({ messages: letters });
    const live = req.query.live !== undefined;
    if (live) res.set('Refresh', String(REFRESH_SECONDS));
    res.send(inboxPage(req, { letters, live }));
  });

  return routes;
}

function lettersIn({ texts, mails }: Mailbox): readonly Letter[] {
  const sent = texts.messages().map(({ at, channel, to, text, code }): Letter => ({ at, channel, to, text, code }));
  const mailed = mails().map((mail): Letter => ({ ...mail, channel: 'email' }));
  // Stable, so of two that came at the same moment the later one is first after the turn.
  return [...sent, ...mailed].sort((a, b) => a.at.getTime() - b.at.getTime()).reverse();
}
