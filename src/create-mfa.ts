/** The composition root: the only file that knows every room, and the only one that looks at the environment. */
import type { Request, RequestHandler, Router } from 'express';
import { createApi, type MfaApi } from './api.js';
import type { Channel } from './core/delivery.js';
import { MfaError } from './core/errors.js';
import type { EventType } from './core/events.js';
import type { Factor } from './core/factor.js';
import { createSealer } from './core/sealing.js';
import { withDeadline } from './core/store-deadline.js';
import type { HostUser, UserId } from './core/words.js';
import { ownerKey } from './flows/account.js';
import { type CarrierBreakers, createCarrierBreakers } from './flows/carrier-breakers.js';
import { createCarrierFaults } from './flows/carrier-faults.js';
import type { FlowDeps } from './flows/deps.js';
import { createEpochWatch } from './flows/epoch-watch.js';
import { createSpending } from './flows/spending.js';
import type { Ticket } from './flows/ticket.js';
import { hostAnswers } from './host-answers.js';
import { type GateOptions, gate } from './http/gate.js';
import type { HttpDeps } from './http/http-deps.js';
import { requireProof } from './http/require.js';
import { router } from './http/router.js';
import { createSetUpChecks } from './http/set-up-checks.js';
import { askingOf } from './http/visitor.js';
import { webhookRouter } from './http/webhooks/router.js';
import { createDeliveryWatch, type DeliveryWatch } from './ops/delivery-watch.js';
import { createHealthProbe } from './ops/health.js';
import { type HealthRouterOptions, healthRouter } from './ops/health-router.js';
import { createListeners, type Listener, noticesTo } from './ops/listeners.js';
import type { MfaOptions } from './options/mfa-options.js';
import { readOptions } from './options/read-options.js';
import { MfaStrategy, type StrategyName } from './passport/strategy.js';
import type { Rule, RulePredicate } from './policy/rules.js';
import { createRequestStates } from './session/request-state.js';
import { memoryStore } from './stores/memory.js';

export interface Mfa {
  /** Middleware, after `session()`: from here on no `req.logIn` completes before its second factor. */
  gate(options?: GateOptions): RequestHandler;
  /** Challenge, enrolment and settings, to be mounted at `mountPath`. */
  router(): Router;
  /** Middleware for a route that needs a proof, by default any second factor. */
  require(rule?: Rule | RulePredicate): RequestHandler;
  /** A Passport strategy for routes of your own: `mfa` (default), `mfa-totp`, `mfa-code`, `mfa-backup-code`. */
  strategy(name?: StrategyName): MfaStrategy;
  /** Live, ready, and the state of each store and delivery; for those who run the app, and not for the public network. */
  healthRouter(options?: HealthRouterOptions): Router;
  /** Where the carriers of the `webhooks` option tell what became of a send: to be mounted before the app's body parsers. */
  webhookRouter(): Router;
  /** The flows as functions, for admin scripts, tests and other doors. */
  readonly api: MfaApi;
  /** Hears one type of event, or `'*'`. Returns a function that stops it. */
  on<Type extends EventType>(type: Type | '*', listener: Listener<Type>): () => void;
  /** Stops background work and closes the store. */
  close(): Promise<void>;
}

/** Everything of express-mfa for one app. Throws `MfaError` with advice where the options cannot work. */
export function createMfa<User extends HostUser = HostUser>(given: MfaOptions<User>): Mfa {
  const read = readOptions(given, { production: process.env.NODE_ENV === 'production' });
  const { options } = read;
  const clock = options.clock ?? Date.now;
  const onError = neverThrowing(options.onError ?? reportBriefly);
  const monotonic = () => performance.now();
  const store = withDeadline(chooseStore(options, read.production, clock), read.storeTimeoutMs, monotonic);
  const epochs = createEpochWatch({ store, clock, monotonic });
  const listeners = createListeners((error) => onError(error, {}));
  if (options.onEvent) listeners.on('*', options.onEvent as Listener);
  if (options.notify) listeners.on('*', noticesTo(options.notify));

  const deliveries = createDeliveryWatch(clock, carriersOf(read.factors));
  const probe = createHealthProbe({ store, deliveries, epochs, monotonic: () => performance.now() });
  const flows: FlowDeps = {
    store,
    sealer: createSealer(options.secrets),
    factors: read.factors,
    limits: read.limits,
    carriers: watched(createCarrierBreakers({ store, clock }), deliveries),
    webhooks: read.webhooks.map(({ name }) => name),
    carrierFaults: createCarrierFaults((error) => onError(error, {}), clock),
    prices: read.money.prices,
    carrierOrder: read.money.carrierOrder,
    channelOrder: read.money.channelOrder,
    spending: createSpending(read.money.prices, read.money.caps, clock),
    ask: hostAnswers(options, (error) => onError(error, {})),
    ...(read.risk ? { risk: read.risk } : {}),
    ...(read.captcha ? { captcha: read.captcha } : {}),
    issuer: options.issuer,
    host: read.origin === undefined ? 'localhost' : new URL(read.origin).hostname,
    clock,
    publish: listeners.publish,
    report: (error) => onError(error, {}),
    noteEpoch: epochs.note,
  };
  const states = createRequestStates<Ticket>();
  const http: HttpDeps = {
    flows,
    epochs,
    states,
    checks: createSetUpChecks({
      states,
      passportKeys: read.passportKeys,
      production: read.production,
      onError,
    }),
    mountPath: read.mountPath,
    origin: read.origin,
    signInUrl: read.signInUrl,
    homeUrl: read.homeUrl,
    carry: read.carry,
    passportKeys: read.passportKeys,
    existingSessions: read.existingSessions,
    hostCsrfField: read.hostCsrfField,
    rateLimit: read.rateLimit,
    copy: read.copy,
    layout: options.pages?.layout,
    async afterSignIn(req, res, user) {
      try {
        await options.afterSignIn?.(req, res, user as User);
      } catch (error) {
        // The session is signed in and saved: an answer that says otherwise would be a lie.
        onError(error, { method: req.method, path: req.path });
      }
    },
    onChallenge: options.onChallenge,
    localeOf: options.localeOf,
    onError,
  };

  const api = createApi(flows, (id: UserId, tenant) => ownerKey(id, tenant), options.users.tenantOf !== undefined);
  const sweeper = read.sweepEveryMs === undefined ? undefined : setInterval(sweep, read.sweepEveryMs);
  sweeper?.unref();
  function sweep(): void {
    api.sweep({ auditBefore: new Date(clock() - read.auditForMs) }).catch((error: unknown) => onError(error, {}));
  }

  return {
    gate: (gateOptions) => gate(http, gateOptions),
    router: () => router(http),
    require: (rule) => requireProof(http, rule),
    strategy: (name) =>
      new MfaStrategy({ flows, states: http.states, askingOf: (req: Request) => askingOf(http, req) }, name),
    healthRouter: (healthOptions) => healthRouter(probe, healthOptions),
    webhookRouter: () => webhookRouter(http, read.webhooks),
    api,
    on: listeners.on,
    async close() {
      clearInterval(sweeper);
      epochs.close();
      await store.close();
    },
  };
}

/** Each factor's carriers, as far as they can be told before the first send. */
function carriersOf(factors: ReadonlyMap<string, Factor>) {
  return [...factors.values()].flatMap((factor) => {
    const channels = factor.channels ?? [factor.kind as Channel];
    return channels.flatMap((channel) =>
      (factor.carriers?.(channel, undefined) ?? []).map((name) => ({ channel, name })),
    );
  });
}

function watched(breakers: CarrierBreakers, watch: DeliveryWatch): CarrierBreakers {
  return {
    ...breakers,
    async note(lane, carrier, outcome, who) {
      watch.note(lane.channel, carrier, outcome);
      await breakers.note(lane, carrier, outcome, who);
    },
  };
}

function chooseStore(
  options: Pick<MfaOptions, 'store' | 'allowMemoryStore'>,
  production: boolean,
  clock: () => number,
) {
  const store = options.store ?? memoryStore({ clock });
  if (production && store.volatile && options.allowMemoryStore !== true) {
    throw new MfaError(
      'set_up',
      `createMfa: the ${store.name} store forgets every enrolment when the process ends, and this is production. Pass a \`store\`, such as \`sqliteStore({ path: 'mfa.sqlite' })\` from 'express-mfa/sqlite', or say \`allowMemoryStore: true\`.`,
    );
  }
  return store;
}

type OnError = NonNullable<MfaOptions['onError']>;

/** A logger that fails must not take the answer with it. */
function neverThrowing(tell: OnError): OnError {
  return (error, about) => {
    try {
      // An async logger returns a promise, whatever the type says.
      Promise.resolve(tell(error, about) as unknown).catch(() => undefined);
    } catch {
      // There is nobody left to tell.
    }
  };
}

/** A fault's own text may hold anything, so only its kind is printed; a host that wants more passes `onError`. */
const reportBriefly: OnError = (error, { method, path, requestId, reference }) => {
  const what =
    error instanceof MfaError
      ? error.message.replace(/^express-mfa: /, '')
      : error instanceof Error
        ? error.name
        : 'an error';
  console.error(['express-mfa:', what, method, path, requestId, reference].filter(Boolean).join(' '));
};
