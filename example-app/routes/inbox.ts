/** The developer inbox: every text, call and mail the app would have sent, ways to fail its carriers and to pump it, and the audit log. Only mounted during development. */
import { type Request, Router } from 'express';
import { type AuditPage, type Mfa, MfaError } from '../../src/index.js';
import { csrf } from '../csrf.js';
import { field, wantsJson } from '../requests.js';
import type { Users } from '../storage/users.js';
import { FAULTS, TRIAL_CARRIERS } from '../trial/carriers.js';
import type { Mailbox } from '../trial/mailbox.js';
import { goTo, PLACES, placeOf } from '../trial/place.js';
import { pump, SCRIPTS } from '../trial/pump.js';
import type { RestingCarrier } from '../trial/resting.js';
import { emailsOf, recentSends } from '../trial/sends.js';
import type { Standings } from '../trial/standings.js';
import { auditPage } from '../views/audit.js';
import { carriersPage } from '../views/carriers.js';
import { fraudPage, pumpedPage } from '../views/fraud.js';
import { inboxPage } from '../views/inbox.js';
import { showProblem } from '../views/problem.js';

const REFRESH_SECONDS = 3;
const ROWS = 50;

export interface InboxDeps {
  readonly users: Users;
  readonly mfa: Mfa;
  readonly mailbox: Mailbox;
  readonly resting: () => Promise<readonly RestingCarrier[]>;
  readonly standings: () => Promise<Standings>;
}

export function inboxRoutes({ users, mfa, mailbox, resting, standings }: InboxDeps): Router {
  const routes = Router();

  routes.use('/inbox', (_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });

  routes.get('/inbox', async (req, res) => {
    const sends = await recentSends({ mailbox, mfa, users });
    if (wantsJson(req)) return void res.json(sends);
    const live = req.query.live !== undefined;
    if (live) res.set('Refresh', String(REFRESH_SECONDS));
    res.send(inboxPage(req, { ...sends, live }));
  });

  routes.get('/inbox/carriers', async (req, res) => {
    const [faults, rests, { carriers }] = await Promise.all([mailbox.carriers.faults(), resting(), standings()]);
    if (wantsJson(req)) return void res.json({ faults, resting: rests, carriers });
    res.send(carriersPage(req, { faults, rests, carriers }));
  });

  routes.post('/inbox/carriers', csrf, async (req, res) => {
    const carrier = TRIAL_CARRIERS.find((one) => one === field(req, 'carrier'));
    const fault = FAULTS.find((one) => one === field(req, 'fault'));
    if (!carrier || !fault) {
      return showProblem(req, res, { status: 422, code: 'field_invalid', text: 'There is no such carrier or fault.' });
    }
    await mailbox.carriers.fail(carrier, fault);
    if (wantsJson(req)) return void res.json({ carrier, fault });
    res.redirect(303, '/inbox/carriers');
  });

  routes.get('/inbox/fraud', async (req, res) => {
    const { spent } = await standings();
    const place = placeOf(req);
    if (wantsJson(req)) return void res.json({ spent, place });
    res.send(fraudPage(req, { place, spent }));
  });

  routes.post('/inbox/place', csrf, (req, res) => {
    const place = PLACES.find((one) => one === field(req, 'place'));
    if (!place) {
      return showProblem(req, res, { status: 422, code: 'field_invalid', text: 'There is no such place.' });
    }
    goTo(res, place);
    if (wantsJson(req)) return void res.json({ place });
    res.redirect(303, '/inbox/fraud');
  });

  routes.post('/inbox/pump', csrf, async (req, res) => {
    const script = SCRIPTS.find((one) => one === field(req, 'script')) ?? 'neighbours';
    const pumped = await pump(originOf(req), script, { mfa, users });
    if (wantsJson(req)) return void res.json(pumped);
    res.send(pumpedPage(req, pumped));
  });

  routes.get('/inbox/audit', async (req, res) => {
    const userId = textOf(req.query.user);
    const page = await auditOf(userId, textOf(req.query.cursor));
    if (!page) return showProblem(req, res, { status: 404, code: 'not_found', text: 'There is no such page.' });
    if (wantsJson(req)) return void res.json(page);
    const emails = await emailsOf(users, page.events);
    res.send(auditPage(req, { ...page, emails, ...(userId === undefined ? {} : { userId }) }));
  });

  async function auditOf(userId: string | undefined, cursor: string | undefined): Promise<AuditPage | undefined> {
    const of = { ...(userId === undefined ? {} : { userId }), ...(cursor === undefined ? {} : { cursor }) };
    try {
      return await mfa.api.audit.search({ ...of, limit: ROWS });
    } catch (error) {
      // A cursor somebody made up.
      if (error instanceof MfaError && error.code !== 'unavailable') return undefined;
      throw error;
    }
  }

  return routes;
}

/** This very process, whatever it is called from outside. */
function originOf({ socket: { localAddress = '127.0.0.1', localPort } }: Request): string {
  return `http://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
