/** The whole app, ready to listen. Tests run it in their own process, with their own clock and a database in memory. */
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import helmet from 'helmet';
import type { Duration, Mfa, MfaEvent } from '../src/index.js';
import type { Carriers } from './carriers.js';
import { openDatabase } from './database.js';
import { createMailbox, type Mailbox, TRIAL_LIMITS } from './mailbox.js';
import { secondStep } from './mfa.js';
import { createPassport } from './passport.js';
import { accountRoutes } from './routes/account.js';
import { activityRoutes } from './routes/activity.js';
import { homeRoutes } from './routes/home.js';
import { inboxRoutes } from './routes/inbox.js';
import { payoutRoutes } from './routes/payout.js';
import { signInRoutes } from './routes/sign-in.js';
import type { Secrets } from './secrets.js';
import { SqliteSessions } from './sessions.js';
import { createUsers } from './users.js';
import { showProblem } from './views/problem.js';

export interface AppOptions {
  /** The SQLite file, made when missing; `:memory:` for tests. */
  readonly database: string;
  readonly secrets: Secrets;
  /** Default: texts and calls land in the developer inbox. */
  readonly carriers?: Carriers;
  /** The page `/inbox`. Whoever can open it can pass every challenge. Default false. */
  readonly showInbox?: boolean;
  /** Everybody must have a second step. Default: whoever ticked the box at sign-up. */
  readonly requireMfa?: boolean;
  /** How recent the second step of a payout must be. Default 10 min. */
  readonly payoutWithin?: Duration;
  /** Where phone numbers may be. */
  readonly countries?: readonly string[];
  /** `https://...` in production; switches secure cookies on. */
  readonly baseUrl?: string;
  /** How many proxies stand in front. Default none. */
  readonly trustProxy?: number;
  /** Tries to sign in from one address in five minutes. */
  readonly signInLimit?: number;
  readonly clock?: () => number;
  readonly onEvent?: (event: MfaEvent) => void;
}

export interface App {
  readonly app: Express;
  readonly mfa: Mfa;
  readonly mailbox: Mailbox;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const PUBLIC = fileURLToPath(new URL('./public', import.meta.url));

export function createApp(options: AppOptions): App {
  const { secrets, baseUrl, showInbox = false, clock = Date.now } = options;
  const https = baseUrl?.startsWith('https:') ?? false;
  const database = openDatabase(options.database);
  const users = createUsers(database, clock);
  const sessions = new SqliteSessions(database, clock);
  const mailbox = createMailbox(clock);
  const { texts } = mailbox;
  const passport = createPassport(users);
  const mfa = secondStep({
    database,
    users,
    sessions,
    mailbox,
    carriers: options.carriers ?? { sms: texts, voice: texts, whatsapp: texts },
    limits: options.carriers ? {} : TRIAL_LIMITS,
    secrets: secrets.mfa,
    requireMfa: options.requireMfa ?? false,
    countries: options.countries ?? ['US', 'CA', 'GB', 'IE', 'AU', 'NZ'],
    showInbox,
    clock,
    baseUrl,
    onEvent: options.onEvent,
  });
  // Guessing passwords must be slow; the second step counts for itself.
  const limit = rateLimit({
    windowMs: 5 * MINUTE_MS,
    limit: options.signInLimit ?? 30,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
  });

  const app = express();
  app.disable('x-powered-by');
  if (options.trustProxy !== undefined) app.set('trust proxy', options.trustProxy);
  app.locals.showInbox = showInbox;
  // Over plain http some browsers would follow `upgrade-insecure-requests` to a port where nobody speaks TLS.
  app.use(
    helmet(
      https
        ? {}
        : { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } }, strictTransportSecurity: false },
    ),
  );
  app.use(express.static(PUBLIC, { maxAge: '1h' }));
  app.use(
    session({
      store: sessions,
      secret: secrets.cookie,
      // `__Host-` ties the cookie to this very host and to https; browsers refuse it over http.
      name: https ? '__Host-session' : 'session',
      resave: false,
      saveUninitialized: false,
      cookie: {
        httpOnly: true, // no script reads it
        secure: https, // never sent in the clear; behind a proxy this needs `trust proxy`
        sameSite: 'lax', // not sent with forms of other sites
        maxAge: 12 * 60 * MINUTE_MS,
      },
    }),
  );
  app.use(express.urlencoded({ extended: false, limit: '16kb' }), express.json({ limit: '16kb' }));

  app.use(passport.session());
  app.use(mfa.gate());
  app.use('/mfa', mfa.router());

  app.use(homeRoutes({ mfa }), signInRoutes({ users, passport, limit }));
  app.use(
    accountRoutes({ users, mfa, limit }),
    payoutRoutes({ mfa, within: options.payoutWithin ?? '10m' }),
    activityRoutes({ mfa }),
  );
  if (showInbox) app.use(inboxRoutes(mailbox));
  app.use((req, res) => showProblem(req, res, { status: 404, code: 'not_found', text: 'This page does not exist.' }));
  app.use(fault);

  const sweeper = setInterval(() => sweep(mfa, sessions), 15 * MINUTE_MS).unref();
  return {
    app,
    mfa,
    mailbox,
    async close() {
      clearInterval(sweeper);
      await mfa.close();
      database.close();
    },
  };
}

function sweep(mfa: Mfa, sessions: SqliteSessions): void {
  sessions.sweep();
  mfa.api.sweep().catch((error: unknown) => console.error('sweep:', error));
}

/** Nobody is told what broke. */
const fault: ErrorRequestHandler = (error, req, res, next) => {
  if (res.headersSent) return next(error);
  const { status } = error as { status?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return showProblem(req, res, { status, code: 'bad_request', text: 'We could not read what was sent.' });
  }
  console.error(error);
  showProblem(req, res, { status: 500, code: 'fault', text: 'Something broke. Try again in a moment.' });
};
