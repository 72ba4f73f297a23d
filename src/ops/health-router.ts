import { type Request, type Response, Router } from 'express';
import { MfaError } from '../core/errors.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import { type Health, type HealthProbe, isUp } from './health.js';

export interface HealthRouterOptions {
  /**
   * Whether `GET /` also tells times and numbers: how long each store took, and how many sends went well or failed lately. Default false: names and states
   * only. A function is asked for each request; only a plain `true` is a yes.
   */
  readonly details?: boolean | ((req: Request) => boolean);
}

/**
 * `GET /live`: the process answers. `GET /ready`: the stores do too, or 503. `GET /`: the state of each part. Needs no session, no gate and no user; nothing in
 * it is secret, and nothing it does costs money. It is for those who run the app: keep it off the public network.
 */
export function healthRouter(probe: HealthProbe, options: HealthRouterOptions = {}): Router {
  refuseUnknownOptions('mfa.healthRouter', options, ['details']);
  const { details = false } = options;
  if (typeof details !== 'boolean' && typeof details !== 'function') {
    throw new MfaError('set_up', 'mfa.healthRouter: `details` must be true, false or a function of the request.');
  }

  function mayTell(req: Request): boolean {
    try {
      return (typeof details === 'function' ? details(req) : details) === true;
    } catch {
      return false;
    }
  }

  const router = Router();
  router.get('/live', function live(_req, res) {
    answer(res, 200, { status: 'ok' });
  });
  router.get('/ready', function ready(_req, res) {
    // Never rejects: what does not answer is a state.
    void probe.stores().then((stores) => {
      const up = isUp(stores);
      answer(res, up ? 200 : 503, { status: up ? 'ok' : 'unavailable' });
    });
  });
  router.get('/', function health(req, res) {
    void probe.all().then((all) => {
      answer(res, all.status === 'unavailable' ? 503 : 200, mayTell(req) ? all : statesOf(all));
    });
  });
  return router;
}

function answer(res: Response, status: number, body: object): void {
  res.status(status).set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }).json(body);
}

/** Without times and numbers: they tell how much goes on, and when. */
function statesOf({ status, stores, deliveries, epochs }: Health): object {
  return {
    status,
    stores: stores.map(({ ms: _, ...rest }) => rest),
    deliveries: deliveries.map(({ name, channel, state }) => ({ name, channel, state })),
    epochs: { state: epochs.state },
  };
}
