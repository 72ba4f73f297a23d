/** Reads the options once, when the app starts; what is wrong is said there, with advice. */
import type { Request } from 'express';
import type { Captcha } from '../core/captcha.js';
import type { CarrierWebhook } from '../core/carrier-webhook.js';
import { durationMs } from '../core/duration.js';
import { MfaError } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import type { Store } from '../core/store.js';
import type { HostUser } from '../core/words.js';
import type { RiskCheck } from '../flows/assess-risk.js';
import type { Copy } from '../http/copy.js';
import { copyWith } from '../http/copy-with.js';
import { CSRF_FIELD } from '../http/csrf.js';
import type { Limits } from '../policy/limits.js';
import { readOrigin, readPath, readUrl } from './addresses.js';
import { readCaptcha } from './captcha.js';
import { count, type Expected, isAsExpected, kindOf, known } from './check-options.js';
import { readFactors } from './factors.js';
import { readLimits } from './limits.js';
import type { MfaOptions, UsersOptions } from './mfa-options.js';
import { type Money, readMoney } from './prices.js';
import { readRisk } from './risk.js';
import { readExistingSessions, readSessionKeys } from './sessions.js';
import { readWebhooks } from './webhooks.js';

/** One line for each member of `MfaOptions`, so that a misspelt one is noticed; the type makes sure none is forgotten. */
const KNOWN: Readonly<Record<keyof MfaOptions, Expected>> = {
  issuer: 'own',
  baseUrl: 'text',
  secrets: 'own',
  users: 'own',
  store: 'own',
  allowMemoryStore: 'flag',
  factors: 'own',
  policy: 'function',
  risk: 'own',
  captcha: 'own',
  beforeChallenge: 'function',
  beforeSignIn: 'function',
  afterSignIn: 'function',
  onChallenge: 'function',
  localeOf: 'function',
  endSessions: 'function',
  notify: 'function',
  onEvent: 'function',
  onError: 'function',
  mountPath: 'text',
  signInUrl: 'text',
  homeUrl: 'text',
  carry: 'texts',
  passportKeys: 'texts',
  existingSessions: 'own',
  freshFor: 'own',
  pendingFor: 'own',
  limits: 'object',
  prices: 'own',
  carrierOrder: 'own',
  channelOrder: 'own',
  rateLimit: 'own',
  auditFor: 'own',
  sweepEvery: 'own',
  storeTimeout: 'own',
  sendTimeout: 'own',
  webhooks: 'object',
  copy: 'own',
  pages: 'object',
  hostCsrfField: 'text',
  clock: 'function',
  production: 'flag',
};

const KNOWN_USERS: Readonly<Record<keyof UsersOptions, Expected>> = {
  findById: 'own',
  idOf: 'function',
  labelOf: 'function',
  tenantOf: 'function',
  verifyPassword: 'function',
};

const STORE_VERBS: readonly (keyof Store)[] = [
  'read',
  'commit',
  'append',
  'scan',
  'owners',
  'sweep',
  'forget',
  'ping',
  'close',
];

export interface ReadOptions<User extends HostUser> {
  readonly options: MfaOptions<User>;
  readonly production: boolean;
  readonly origin: string | undefined;
  readonly limits: Limits;
  readonly money: Money;
  readonly factors: ReadonlyMap<string, Factor>;
  readonly risk: RiskCheck | undefined;
  readonly captcha: Captcha | undefined;
  readonly mountPath: string;
  readonly signInUrl: string;
  readonly homeUrl: string;
  readonly hostCsrfField: string;
  readonly rateLimit: { readonly windowMs: number; readonly limit: number } | false;
  readonly carry: readonly string[];
  readonly passportKeys: readonly string[];
  readonly existingSessions: 'challenge' | 'end' | { readonly keepUntil: number };
  readonly storeTimeoutMs: number;
  readonly auditForMs: number;
  /** Undefined: never by itself. */
  readonly sweepEveryMs: number | undefined;
  readonly webhooks: readonly CarrierWebhook[];
  readonly copy: (req: Request) => Copy;
}

export function readOptions<User extends HostUser>(
  options: MfaOptions<User>,
  env: { readonly production: boolean },
): ReadOptions<User> {
  if (typeof options !== 'object' || options === null)
    throw new MfaError('set_up', 'createMfa: expected an options object.');
  known('createMfa', options, KNOWN);
  if (typeof options.issuer !== 'string' || options.issuer.trim() === '') {
    throw new MfaError('set_up', "createMfa: `issuer` is missing: the product's name, as people know it.");
  }
  if (typeof options.users?.findById !== 'function') {
    throw new MfaError(
      'set_up',
      'createMfa: `users.findById` is missing. Write `users: { findById: (id) => db.users.find(id) }`.',
    );
  }
  known('createMfa: users', options.users, KNOWN_USERS);
  if (options.pages) known('createMfa: pages', options.pages, { layout: 'function' });
  const verb = options.store && STORE_VERBS.find((name) => typeof options.store?.[name] !== 'function');
  if (verb)
    throw new MfaError('set_up', `createMfa: \`store\` has no \`${verb}\`. Write \`store: sqliteStore({ path })\`.`);
  const production = options.production ?? env.production;
  const origin = readOrigin(options.baseUrl, production);
  return {
    options,
    production,
    origin,
    webhooks: readWebhooks(options.webhooks, origin),
    limits: readLimits(options),
    money: readMoney(options),
    factors: readFactors(options.factors),
    risk: readRisk(options.risk),
    captcha: readCaptcha(options.captcha, { production, hasRisk: options.risk !== undefined }),
    mountPath: readPath('mountPath', options.mountPath ?? '/mfa'),
    signInUrl: readUrl('signInUrl', options.signInUrl ?? '/login'),
    homeUrl: readUrl('homeUrl', options.homeUrl ?? '/'),
    hostCsrfField: readCsrfField(options.hostCsrfField ?? '_csrf'),
    rateLimit: readRateLimit(options.rateLimit),
    ...readSessionKeys(options),
    existingSessions: readExistingSessions(options.existingSessions),
    auditForMs: durationMs(options.auditFor ?? '180d', 'auditFor', { min: '31d' }),
    sweepEveryMs:
      options.sweepEvery === false
        ? undefined
        : durationMs(options.sweepEvery ?? '15m', 'sweepEvery', { min: '1m', max: '24h' }),
    storeTimeoutMs: durationMs(options.storeTimeout ?? '2s', 'storeTimeout', { max: '10s' }),
    copy: readCopy(options.copy),
  };
}

function readCsrfField(field: string): string {
  if (field !== CSRF_FIELD) return field;
  throw new MfaError('set_up', `createMfa: \`hostCsrfField\` is '${CSRF_FIELD}', which is the name of our own field.`);
}

function readRateLimit(given: MfaOptions['rateLimit']): { windowMs: number; limit: number } | false {
  if (given === false) return false;
  if (given !== undefined && (typeof given !== 'object' || given === null))
    throw new MfaError('set_up', `createMfa: \`rateLimit\` is ${kindOf(given)}, expected an object or false.`);
  known('createMfa: rateLimit', given ?? {}, { window: 'own', limit: 'own' });
  const { window = '1m', limit = 100 } = given ?? {};
  return {
    windowMs: durationMs(window, 'rateLimit.window', { max: '24h' }),
    limit: count('rateLimit.limit', limit, 1_000_000),
  };
}

function readCopy(given: MfaOptions['copy']): (req: Request) => Copy {
  if (typeof given === 'function') return given;
  if (given !== undefined && !isAsExpected(given, 'object'))
    throw new MfaError('set_up', `createMfa: \`copy\` is ${kindOf(given)}, expected an object or a function.`);
  const fixed = copyWith(given);
  return () => fixed;
}
