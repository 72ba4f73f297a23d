import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { CarrierWebhook } from '../../core/carrier-webhook.js';
import { MfaError, type Refusal } from '../../core/errors.js';
import { network } from '../../core/network.js';
import { noteDelivery } from '../../flows/note-delivery.js';
import type { HttpDeps } from '../http-deps.js';
import { sendProblem, tellHost } from '../reply.js';
import { addressOf } from '../request-facts.js';
import { createForgers, createTurns, type Forgers, type Turns } from './crowd.js';
import { codeOfBodyError, rawBody } from './raw-body.js';

const SOON_MS = 1_000;

interface Door {
  readonly http: HttpDeps;
  readonly webhook: CarrierWebhook;
  readonly forgers: Forgers;
  readonly turns: Turns;
  /** Tells the host what it got wrong, once. */
  readonly advise: (error: MfaError, req: Request) => void;
}

/**
 * `POST /twilio` and `POST /telnyx`, whichever are on: carriers tell what became of a send. Needs no session, no gate and no CSRF token, and comes before the
 * app's body parsers. The signature comes first: before it is right nothing is read, counted or looked up in a store.
 */
export function webhookRouter(http: HttpDeps, webhooks: readonly CarrierWebhook[]): Router {
  if (webhooks.length === 0) {
    throw new MfaError(
      'set_up',
      'mfa.webhookRouter: no carrier is on. Write `createMfa({ webhooks: { twilio: { authTokens: [process.env.TWILIO_AUTH_TOKEN] } } })`, or `telnyx: { publicKey }`.',
    );
  }
  const shared = { http, forgers: createForgers(), turns: createTurns(), advise: adviser(http) };
  const router = Router();
  for (const webhook of webhooks) {
    router
      .route(`/${webhook.name}`)
      .post(heard({ ...shared, webhook }))
      .all((req, res) => {
        res.set('Allow', 'POST');
        sendProblem(http, req, res, { ok: false, code: 'method_not_allowed' });
      });
  }
  return router;
}

function heard(door: Door): RequestHandler {
  return function mfaWebhook(req: Request, res: Response): void {
    answer(door, req, res).catch((error: unknown) => {
      tellHost(door.http, req, error);
      refuse(door, req, res, { ok: false, code: 'unavailable', retryAfterMs: SOON_MS });
    });
  };
}

async function answer(door: Door, req: Request, res: Response): Promise<void> {
  const { http, webhook, forgers, turns } = door;
  const now = http.flows.clock();
  const address = network(addressOf(req.ip) ?? 'unknown');
  if (!webhook.looksSigned(req.headers)) return refuse(door, req, res, { ok: false, code: 'forbidden' });
  const retryAfterMs = forgers.waitMs(address, now);
  if (retryAfterMs !== undefined) return refuse(door, req, res, { ok: false, code: 'rate_limited', retryAfterMs });
  const read = await rawBody(req, res);
  if (!read.ok) {
    if (read.error instanceof MfaError) door.advise(read.error, req);
    return refuse(door, req, res, { ok: false, code: codeOfBodyError(read.error) });
  }
  const call = { target: req.originalUrl, headers: req.headers, body: read.body, now: http.flows.clock() };
  if (!webhook.isGenuine(call)) {
    forgers.note(address, now);
    door.advise(notGenuine(webhook.name), req);
    return refuse(door, req, res, { ok: false, code: 'forbidden' });
  }
  const reports = webhook.reportsOf(call);
  if (!reports) return refuse(door, req, res, { ok: false, code: 'bad_request' });
  for (const report of reports) {
    if (await turns.take(() => noteDelivery(http.flows, webhook.name, report))) continue;
    return refuse(door, req, res, { ok: false, code: 'unavailable', retryAfterMs: SOON_MS });
  }
  // The same for a send that is known and one that is not.
  res.status(204).end();
}

function refuse({ http }: Door, req: Request, res: Response, refusal: Refusal): void {
  if (res.headersSent) return void res.destroy();
  // What was not read of the body is not waited for.
  if (!req.readableEnded) res.set('Connection', 'close');
  sendProblem(http, req, res, refusal);
}

function adviser({ onError }: HttpDeps): Door['advise'] {
  const told = new Set<string>();
  return (error, req) => {
    if (told.has(error.message)) return;
    told.add(error.message);
    onError(error, { method: req.method, path: req.originalUrl.split('?')[0] ?? '' });
  };
}

function notGenuine(name: string): MfaError {
  const check =
    name === 'twilio'
      ? '`webhooks.twilio.authTokens` holds the primary auth token of that account, and `webhooks.twilio.publicUrl` is the address as it stands in its console'
      : '`webhooks.telnyx.publicKey` is that of the account, and this machine’s clock is right';
  return new MfaError(
    'set_up',
    `express-mfa: a call to the ${name} webhook was refused, because its signature is not right. If it was a stranger’s, all is well; if it was ${name}’s own, see that ${check}. This is said once.`,
  );
}
