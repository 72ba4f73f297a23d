/** The whole app, ready to listen. Tests run it in their own process, with their own clock and a database in memory. */
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import helmet from 'helmet';
import {
  type Duration,
  type Mfa,
  MfaError,
  type MfaEvent,
  type MfaOptions,
  type WebhookOptions,
} from '../src/index.js';
import type { CaptchaParts } from './captcha.js';
import type { Carriers } from './carriers.js';
import type { Mail } from './mail.js';
import { secondStep } from './mfa.js';
import { createPassport } from './passport.js';
import { Unavailable } from './problems.js';
import { withRequestId } from './request-ids.js';
import { accountRoutes } from './routes/account.js';
import { activityRoutes } from './routes/activity.js';
import { homeRoutes } from './routes/home.js';
import { inboxRoutes } from './routes/inbox.js';
import { payoutRoutes } from './routes/payout.js';
import { signInRoutes } from './routes/sign-in.js';
import type { Secrets } from './secrets.js';
import type { Storage } from './storage/open.js';
import { createUsers } from './storage/users.js';
import { createMailbox, type Mailbox } from './trial/mailbox.js';
import { pretendPlace } from './trial/place.js';
import { type TrialAccount, trialAccount } from './trial/reports.js';
import { restingCarriers } from './trial/resting.js';
import { REAL_RULES, TRIAL_RULES } from './trial/rules.js';
import { standings } from './trial/standings.js';
import { showProblem } from './views/problem.js';

export interface AppOptions {
  /** Where everything is kept; `close` closes it. */
  readonly storage: Storage;
  readonly secrets: Secrets;
  /** Where there is none for a channel, the developer inbox takes its place; without the inbox nobody has that kind of factor. */
  readonly carriers?: Carriers;
  /** What the real ones among them sign their webhooks with. */
  readonly webhooks?: WebhookOptions;
  /** Brings notices of what changed. Default: the developer inbox. */
  readonly sendMail?: (mail: Mail) => Promise<unknown>;
  /** Asked for before each code that is sent. Default none. */
  readonly captcha?: CaptchaParts | undefined;
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
  /** Put into the header `X-Worker` of each answer, so that one sees which of several processes it came from. Default: no such header. */
  readonly worker?: string;
  readonly clock?: () => number;
  readonly onEvent?: (event: MfaEvent) => void;
  /** Hears of faults, and of carriers that fail. Default: a line on stderr. */
  readonly onError?: NonNullable<MfaOptions['onError']>;
}

export interface App {
  readonly app: Express;
  readonly mfa: Mfa;
  readonly mailbox: Mailbox;
  /** Where it listens, as `http://127.0.0.1:3000`: there the carriers of the inbox tell what became of a send. */
  listensAt(origin: string): void;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
const PUBLIC = fileURLToPath(new URL('./public', import.meta.url));

const COUNTRIES = 'US CA GB IE IN MX BR DE FR IT ES AU NZ JP CN KR NG ZA'.split(' ');

export function createApp(options: AppOptions): App {
  const { storage, secrets, baseUrl, worker, showInbox = false, clock = Date.now } = options;
  const { database, sessions } = storage;
  const https = baseUrl?.startsWith('https:') ?? false;
  const users = createUsers(database, clock);
  const account = trialAccount(secrets.mfa[0] ?? '', baseUrl);
  const mailbox = createMailbox(database, clock, account);
  const webhooks = showInbox ? withTrial(options.webhooks, account) : options.webhooks;
  const passport = createPassport(users);
  const mfa = secondStep({
    store: storage.secondSteps,
    users,
    sessions,
    sendMail: options.sendMail ?? (({ to, text }) => mailbox.sendMail(to, text)),
    carriers: { ...(showInbox || !options.carriers ? trialCarriers(mailbox) : {}), ...options.carriers },
    rules: showInbox && !paysForPhones(options.carriers) ? TRIAL_RULES : REAL_RULES,
    webhooks,
    captcha: options.captcha?.captcha,
    secrets: secrets.mfa,
    requireMfa: options.requireMfa ?? false,
    countries: options.countries ?? COUNTRIES,
    showInbox,
    clock,
    baseUrl,
    onEvent: options.onEvent,
    onError: options.onError,
  });
  // Guessing passwords must be slow; the second step counts for itself.
  const limit = rateLimit({
    windowMs: 5 * MINUTE_MS,
    limit: options.signInLimit ?? 30,
    store: storage.attempts,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
  });

  const app = express();
  app.disable('x-powered-by');
  if (options.trustProxy !== undefined) app.set('trust proxy', options.trustProxy);
  app.locals.showInbox = showInbox;
  if (worker !== undefined) app.use(named(worker));
  // Over plain http some browsers would follow `upgrade-insecure-requests` to a port where nobody speaks TLS.
  app.use(
    helmet(
      https
        ? {}
        : { contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } }, strictTransportSecurity: false },
    ),
  );
  app.use(express.static(PUBLIC, { maxAge: '1h' }));
  app.use(withRequestId);
  if (options.captcha?.routes) app.use(options.captcha.routes);
  if (showInbox) app.use(pretendPlace);
  // Before the body parsers: the signature is about the very bytes that came.
  if (webhooks) app.use('/webhooks', mfa.webhookRouter());
  // Before the session, which may be what is down. Behind a load balancer keep it off the public network.
  app.use('/health', mfa.healthRouter());
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
    accountRoutes({ users, mfa, limit, endSessions: (userId) => sessions.endAllOf(userId) }),
    payoutRoutes({ mfa, within: options.payoutWithin ?? '10m' }),
    activityRoutes({ mfa }),
  );
  if (showInbox)
    app.use(
      inboxRoutes({
        users,
        mfa,
        mailbox,
        resting: () => restingCarriers(storage.secondSteps, clock),
        standings: () => standings(database, mfa),
      }),
    );
  app.use((req, res) => showProblem(req, res, { status: 404, code: 'not_found', text: 'This page does not exist.' }));
  app.use(fault);

  const sweeper = setInterval(() => sweep(storage, mailbox), 15 * MINUTE_MS).unref();
  return {
    app,
    mfa,
    mailbox,
    listensAt: mailbox.reports.callAt,
    async close() {
      clearInterval(sweeper);
      mailbox.reports.close();
      await mfa.close();
      await storage.close();
    },
  };
}

function trialCarriers({ carriers: { deliveries }, flashCalls }: Mailbox): Carriers {
  return { sms: deliveries, voice: deliveries, whatsapp: deliveries, flashCall: [flashCalls], email: deliveries };
}

/** The trial carriers sign like Twilio, with a token of their own. */
function withTrial(real: WebhookOptions | undefined, { authToken, webhookUrl }: TrialAccount): WebhookOptions {
  const authTokens = [...(real?.twilio?.authTokens ?? []), authToken];
  return { ...real, twilio: { authTokens, publicUrl: webhookUrl } };
}

function paysForPhones({ sms, voice, whatsapp, flashCall }: Carriers = {}): boolean {
  return [sms, voice, whatsapp, flashCall].some((deliveries) => deliveries !== undefined);
}

function named(worker: string): RequestHandler {
  return function nameWorker(_req, res, next) {
    res.set('X-Worker', worker);
    next();
  };
}

/** What express-mfa keeps it sweeps itself. */
function sweep(storage: Storage, mailbox: Mailbox): void {
  Promise.all([storage.sweep(), mailbox.sweep()]).catch((error: unknown) => console.error('sweep:', error));
}

/** Nobody is told what broke. */
const fault: ErrorRequestHandler = (error, req, res, next) => {
  if (res.headersSent) return next(error);
  const { status } = error as { status?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return showProblem(req, res, { status, code: 'bad_request', text: 'We could not read what was sent.' });
  }
  if (error instanceof Unavailable || (error instanceof MfaError && error.code === 'unavailable')) {
    console.error(error.message);
    res.set('Retry-After', '2');
    const text = 'We cannot look into our records right now. Try again in a moment.';
    return showProblem(req, res, { status: 503, code: 'unavailable', text });
  }
  console.error(error);
  showProblem(req, res, { status: 500, code: 'fault', text: 'Something broke. Try again in a moment.' });
};
