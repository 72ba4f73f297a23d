/** Reads the options once, when the app starts; what is wrong is said there, with advice. */
import type { Request } from 'express';
import { count, type Expected, isAsExpected, kindOf, known } from './check-options.js';
import type { Captcha } from './core/captcha.js';
import type { CarrierWebhook } from './core/carrier-webhook.js';
import { durationMs } from './core/duration.js';
import { MfaError } from './core/errors.js';
import type { Factor } from './core/factor.js';
import type { Store } from './core/store.js';
import type { HostUser } from './core/words.js';
import type { RiskCheck } from './flows/assess-risk.js';
import type { Copy } from './http/copy.js';
import { copyWith } from './http/copy-with.js';
import { CSRF_FIELD } from './http/csrf.js';
import { safePath } from './http/return-path.js';
import type { MfaOptions, UsersOptions } from './options.js';
import type { Limits } from './policy/limits.js';
import { readLimits } from './read-limits.js';
import { type Money, readMoney } from './read-prices.js';
import { readCaptcha, readRisk } from './read-risk.js';
import { readWebhooks } from './read-webhooks.js';

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

const FACTOR_VERBS: readonly (keyof Factor)[] = ['beginEnrolment', 'refuseMalformed', 'verify'];

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
    captcha: readCaptcha(options.captcha),
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

function readOrigin(baseUrl: string | undefined, production: boolean): string | undefined {
  if (baseUrl === undefined) {
    if (!production) return undefined;
    throw new MfaError(
      'set_up',
      "createMfa: `baseUrl` is missing. In production it must be the public origin, such as 'https://acme.example': links and origins are never taken from a request.",
    );
  }
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || `${url.origin}/` !== url.href) {
    throw new MfaError(
      'set_up',
      `createMfa: \`baseUrl\` is '${baseUrl}', expected an origin such as 'https://acme.example'; a path belongs into \`mountPath\`.`,
    );
  }
  if (production && url.protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) {
    throw new MfaError('set_up', `createMfa: \`baseUrl\` is '${baseUrl}'. In production it must begin with https://.`);
  }
  return url.origin;
}

function readPath(option: string, path: string): string {
  if (!/^(\/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)+$/.test(path)) {
    throw new MfaError(
      'set_up',
      `createMfa: \`${option}\` is '${path}', expected a path such as '/mfa', without a slash at the end.`,
    );
  }
  return path;
}

/** People are redirected there. */
function readUrl(option: string, url: string): string {
  if (safePath(url) !== undefined || /^https?:\/\/[^/]/.test(url)) return url;
  throw new MfaError(
    'set_up',
    `createMfa: \`${option}\` is '${url}', expected a path such as '/login', or a whole URL.`,
  );
}

function readCsrfField(field: string): string {
  if (field !== CSRF_FIELD) return field;
  throw new MfaError('set_up', `createMfa: \`hostCsrfField\` is '${CSRF_FIELD}', which is the name of our own field.`);
}

function readFactors(factors: readonly Factor[]): ReadonlyMap<string, Factor> {
  if (!Array.isArray(factors) || !factors.some((factor) => factor?.role === 'factor')) {
    throw new MfaError(
      'set_up',
      'createMfa: `factors` needs at least one real factor, as in `factors: [totp(), backupCodes()]`.',
    );
  }
  const byKind = new Map<string, Factor>();
  for (const factor of factors as readonly Factor[]) {
    if (typeof factor === 'function')
      throw new MfaError('set_up', 'createMfa: `factors` holds a function. Call it: `totp()`, not `totp`.');
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(factor?.kind ?? '') || factor.kind === 'password') {
      throw new MfaError(
        'set_up',
        `createMfa: a factor's kind is '${factor?.kind}', expected lower-case letters, digits and hyphens, and not 'password'.`,
      );
    }
    const missing = FACTOR_VERBS.find((name) => typeof factor[name] !== 'function');
    if (missing)
      throw new MfaError('set_up', `createMfa: the factor '${factor.kind}' has no \`${missing}\`; see \`Factor\`.`);
    if (byKind.has(factor.kind))
      throw new MfaError('set_up', `createMfa: there are two factors of kind '${factor.kind}'.`);
    byKind.set(factor.kind, factor);
  }
  return byKind;
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

/** Without a key to look at the gate would see nobody; carrying one over would carry the user of the session before. */
function readSessionKeys({ carry = [], passportKeys = ['passport'] }: Pick<MfaOptions, 'carry' | 'passportKeys'>) {
  if (passportKeys.length === 0)
    throw new MfaError('set_up', "createMfa: `passportKeys` is empty. Leave it out, or write `['passport', 'admin']`.");
  const taken = carry.find((key) => [...passportKeys, 'mfa', 'cookie'].includes(key));
  if (taken !== undefined)
    throw new MfaError('set_up', `createMfa: \`carry\` names '${taken}', which must begin anew at every sign-in.`);
  return { carry, passportKeys };
}

function readExistingSessions(
  given: MfaOptions['existingSessions'] = 'challenge',
): 'challenge' | 'end' | { readonly keepUntil: number } {
  if (given === 'challenge' || given === 'end') return given;
  if (isAsExpected(given, 'object')) known('createMfa: existingSessions', given, { keepUntil: 'own' });
  const until: unknown = typeof given === 'object' && given !== null ? given.keepUntil : undefined;
  if (until instanceof Date && Number.isFinite(until.getTime())) return { keepUntil: until.getTime() };
  throw new MfaError(
    'set_up',
    "createMfa: `existingSessions` must be 'challenge', 'end' or { keepUntil: new Date('2027-01-01') }.",
  );
}

function readCopy(given: MfaOptions['copy']): (req: Request) => Copy {
  if (typeof given === 'function') return given;
  if (given !== undefined && !isAsExpected(given, 'object'))
    throw new MfaError('set_up', `createMfa: \`copy\` is ${kindOf(given)}, expected an object or a function.`);
  const fixed = copyWith(given);
  return () => fixed;
}
