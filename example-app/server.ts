/** `npm run example`: starts the app with what the environment says. Everything else is in `app.ts`. */
import { fileURLToPath } from 'node:url';
import type { Duration } from '../src/index.js';
import { createApp } from './app.js';
import { twilioCarriers } from './carriers.js';
import { readSecrets } from './secrets.js';

const { env } = process;
const port = Number(env.PORT ?? 3000);
// Only this machine: the developer inbox shows codes to whoever can open it.
const host = env.HOST ?? 'localhost';
const folder = env.DATA_DIR ?? fileURLToPath(new URL('./data', import.meta.url));
const production = env.NODE_ENV === 'production';

const carriers = await twilioCarriers(env);
if (production && !carriers) throw new Error('In production codes must not appear on a page: set Twilio up.');

const { app, close } = createApp({
  database: `${folder}/app.sqlite`,
  secrets: readSecrets(`${folder}/secrets.json`),
  requireMfa: env.REQUIRE_MFA === '1',
  showInbox: !production,
  ...(carriers ? { carriers } : {}),
  ...(env.PAYOUT_WITHIN ? { payoutWithin: env.PAYOUT_WITHIN as Duration } : {}),
  ...(env.COUNTRIES ? { countries: env.COUNTRIES.split(',') } : {}),
  ...(env.BASE_URL ? { baseUrl: env.BASE_URL } : {}),
  ...(env.TRUST_PROXY ? { trustProxy: Number(env.TRUST_PROXY) } : {}),
  onEvent: ({ at, type, userId }) => console.log(`${new Date(at).toISOString()}  ${type}  ${userId}`),
});

const server = app.listen(port, host, (error?: Error) => {
  if (error) return cannotListen(error);
  const url = env.BASE_URL ?? `http://${host === '0.0.0.0' ? 'localhost' : host}:${port}`;
  console.log(`
  Harbour, the example app of express-mfa

    App     ${url}
    ${carriers ? 'Codes   through Twilio' : `Inbox   ${url}/inbox   texts and calls land here; nothing is sent`}
    Data    ${folder}

  Next: open ${url}, create an account, and set up two-step sign-in.
  Step by step, with curl: example-app/README.md. Stop with Ctrl+C.
`);
});

function cannotListen(error: Error): void {
  const isTaken = 'code' in error && error.code === 'EADDRINUSE';
  console.error(isTaken ? `Port ${port} is taken. Try: PORT=${port + 1} npm run example` : error.message);
  process.exitCode = 1;
  close().catch(() => undefined);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void close().catch(() => undefined));
    server.closeAllConnections();
  });
}
