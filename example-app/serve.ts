/** One process of the app: everything opened, listening, and closed again in the right order. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MfaError, type MfaEvent } from '../src/index.js';
import { type App, createApp } from './app.js';
import { readCaptcha } from './captcha.js';
import { realCarriers, realWebhooks } from './carriers.js';
import { mailer, mailServer } from './mail.js';
import { StartProblem } from './problems.js';
import { readSettings, type Settings, secretsOf } from './settings.js';
import { openStorage } from './storage/open.js';
import { NAME } from './views/layout.js';

export interface Serving {
  /** Which engine keeps what. */
  readonly told: string;
  readonly sends: boolean;
  /** Lets running requests end, for a while, and closes everything. */
  stop(): Promise<void>;
}

type Environment = NodeJS.ProcessEnv;

const LAST_REQUESTS_MS = 5000;

/** Throws `StartProblem`, or `MfaError` with `set_up`, for what the person who starts it can mend. */
export async function serve(env: Environment, worker?: string): Promise<Serving> {
  const settings = readSettings(env);
  const [carriers, mail] = await Promise.all([realCarriers(env), mailServer(env)]);
  const webhooks = realWebhooks(env);
  if (settings.production && !carriers) {
    throw new StartProblem(
      'In production codes must not appear on a page: set Twilio up (TWILIO_ACCOUNT_SID ...), Telnyx (TELNYX_API_KEY ...) or mail (SMTP_URL ...).',
    );
  }
  const secrets = secretsOf(env, settings.folder);
  const captcha = readCaptcha(env, { production: settings.production, secret: secrets.mfa[0] ?? '' });
  const storage = await openStorage(settings.engines);
  const { production, requireMfa, payoutWithin, countries, baseUrl, trustProxy } = settings;
  const app = createApp({
    storage,
    secrets,
    requireMfa,
    showInbox: !production,
    captcha,
    ...(carriers ? { carriers } : {}),
    ...(webhooks ? { webhooks } : {}),
    ...(mail ? { sendMail: mailer(mail, NAME) } : {}),
    ...(payoutWithin ? { payoutWithin } : {}),
    ...(countries ? { countries } : {}),
    ...(baseUrl ? { baseUrl } : {}),
    ...(trustProxy === undefined ? {} : { trustProxy }),
    ...(worker === undefined || production ? {} : { worker: `${worker}; pid=${process.pid}` }),
    onEvent: printer(worker),
  });
  const server = await listening(app, settings);
  return { told: storage.told, sends: carriers !== undefined, stop: () => stop(server, app) };
}

/** Said to the person who starts the app, without a stack trace, where that person can mend it. */
export function explained(error: unknown): string | undefined {
  const isTheirs = error instanceof StartProblem || (error instanceof MfaError && error.code === 'set_up');
  return isTheirs ? error.message : undefined;
}

async function listening({ app, listensAt, close }: App, { port, host }: Settings): Promise<Server> {
  const server = app.listen(port, host);
  try {
    await once(server, 'listening');
    listensAt(originOf(server));
    return server;
  } catch (error) {
    await close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StartProblem(`Port ${port} is taken. Try another: PORT=${port + 1}`);
  }
}

/** Where this very machine reaches it. */
export function originOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function stop(server: Server, { close }: App): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const giveUp = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS);
  await closed;
  clearTimeout(giveUp);
  await close();
}

function printer(worker: string | undefined) {
  const by = worker === undefined ? '' : `[${worker}]  `;
  return ({ at, type, userId }: MfaEvent) => console.log(`${by}${new Date(at).toISOString()}  ${type}  ${userId}`);
}
