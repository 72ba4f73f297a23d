/** Every option, its default and its reason. Read once, when the app starts; what is wrong is said there, with advice. */
import type { Request, Response } from 'express';
import { didYouMean } from './core/did-you-mean.js';
import { type Duration, durationMs } from './core/duration.js';
import { MfaError } from './core/errors.js';
import type { EventType, MfaEvent } from './core/events.js';
import type { Factor } from './core/factor.js';
import type { Store } from './core/store.js';
import type { HostUser, RequestFacts, UserId } from './core/words.js';
import type { Copy } from './http/copy.js';
import { type CopyOverrides, copyWith } from './http/copy-with.js';
import { CSRF_FIELD } from './http/csrf.js';
import type { ChallengeAnswer } from './http/http-deps.js';
import type { HostLayout } from './http/pages/layout.js';
import { safePath } from './http/return-path.js';
import type { Limits } from './policy/limits.js';
import type { Policy } from './policy/sign-in-verdict.js';

type MaybePromise<T> = T | Promise<T>;

/** How the library asks the host about its users. */
export interface UsersOptions<User extends HostUser = HostUser> {
  /** The user of that id, or nothing for one who is gone or disabled: their sign-ins and proofs end. Called at every step. */
  readonly findById: (id: UserId) => MaybePromise<User | null | undefined | false>;
  /** Default: the property `id`. An id never changes and is never given to somebody else. */
  readonly idOf?: (user: User) => UserId;
  /** What the person's authenticator app shows. Default: `email`, `username`, `name`, or the id. */
  readonly labelOf?: (user: User) => string;
  /** Keeps everything of one tenant apart from another's. Default: none. */
  readonly tenantOf?: (user: User) => string | undefined;
  /** Lets users without a factor prove themselves with the password again, when their sign-in is older than `freshFor`. Default: they sign in again. */
  readonly verifyPassword?: (user: User, password: string) => MaybePromise<boolean>;
}

/** Numbers with hard ceilings: one beyond them is a set-up error, never silently cut. */
export interface LimitOptions {
  /** Wrong answers to one challenge; default 5, at most 10. */
  readonly triesPerChallenge?: number;
  /** Consecutive wrong answers of one user with one kind of factor until it locks; default 10 (PCI DSS 8.3.4), at most 100 (SP 800-63B-4 3.2.2). */
  readonly triesBeforeLock?: number;
  /** The first lock; each later one is twice as long. Default 15 min. */
  readonly lock?: Duration;
  /** The longest lock; default 1 h. */
  readonly longestLock?: Duration;
  /** Wrong answers without a right one until only an admin opens the lock; default 100, at most 100. */
  readonly triesWithoutSuccess?: number;
  /** How long a sent code works; default 5 min, at most 10 (SP 800-63B-4 3.1.3.2). */
  readonly codeTtl?: Duration;
  /** The pauses before the first, second ... resend; as many resends as pauses. Default 30 s, 60 s, 120 s; at most 5. */
  readonly resendAfter?: readonly Duration[];
  /** Texts and calls to one number in ten minutes; default 3. */
  readonly sendsPerNumber10Min?: number;
  /** ... in an hour; default 5. */
  readonly sendsPerNumberHour?: number;
  /** ... in a day; default 10. */
  readonly sendsPerNumberDay?: number;
  /** ... for one user in an hour; default 5. */
  readonly sendsPerUserHour?: number;
  /** ... from one address (IPv6: /64) in an hour; default 10. */
  readonly sendsPerIpHour?: number;
  /** ... to numbers that differ only in the last four digits, in ten minutes; default 5. */
  readonly sendsPerPrefix10Min?: number;
  /** ... in an hour; default 20. */
  readonly sendsPerPrefixHour?: number;
  /** ... altogether in a day: the budget; default 1,000. */
  readonly sendsPerDay?: number;
}

export interface MfaOptions<User extends HostUser = HostUser> {
  /** The product's name, in authenticator apps, texts and pages. */
  readonly issuer: string;
  /** The public origin, for links, origins and texts: `https://acme.example`. Never taken from a request. Required in production. */
  readonly baseUrl?: string;
  /** Keys for what is kept sealed, newest first, each at least 32 random characters. Older ones still open what they sealed. */
  readonly secrets: readonly string[];
  readonly users: UsersOptions<User>;
  /** Default: memory, for development and tests; refused in production unless `allowMemoryStore`. */
  readonly store?: Store;
  /** A memory store in production loses every enrolment at a restart. Default false. */
  readonly allowMemoryStore?: boolean;
  /** What can be used: `[totp(), sms({ via, countries }), backupCodes()]`. */
  readonly factors: readonly Factor[];
  /** Whether this user must have a factor, and which. Default `'optional'`. An error is 503, never "no MFA needed". */
  readonly policy?: (user: User) => MaybePromise<Policy>;
  /** May veto a code being sent: return false. An error is a refusal. */
  readonly beforeChallenge?: (
    user: User,
    about: { readonly factor: string; readonly channel?: string; readonly facts: RequestFacts },
  ) => MaybePromise<boolean | undefined>;
  /** May veto a sign-in whose factors were all right: return false. An error is a refusal. */
  readonly beforeSignIn?: (
    user: User,
    about: { readonly factor?: string; readonly facts: RequestFacts },
  ) => MaybePromise<boolean | undefined>;
  /** The work of a log-in callback, after the second factor; awaited before the answer. Must not answer by itself. The user is signed in by then: an error goes to `onError`, and the sign-in stands. */
  readonly afterSignIn?: (req: Request, res: Response, user: User) => MaybePromise<void>;
  /** The host's own answer to a sign-in that waits for its second factor. Default: a redirect, or `{ mfaRequired: true, ... }` for JSON. */
  readonly onChallenge?: (req: Request, res: Response, answer: ChallengeAnswer) => MaybePromise<void>;
  /** Ends the user's other sessions; asked when the first factor is added, on reset, on disabling, and by `api.credentialsChanged`. */
  readonly endSessions?: (userId: UserId, reason: EventType) => MaybePromise<void>;
  /** Tells the user that their security changed, by mail say. Failures are reported to `onError`; the sign-in goes on. */
  readonly notify?: (userId: UserId, event: MfaEvent) => unknown;
  /** Hears every event. What it throws changes nothing. */
  readonly onEvent?: (event: MfaEvent) => unknown;
  /** Hears of faults behind a 503 and of listeners that failed. Default: one line on stderr, without the error's text. */
  readonly onError?: (
    error: unknown,
    about: {
      readonly method?: string;
      readonly path?: string;
      readonly requestId?: string;
      /** The `instance` of the problem the client was sent, and the number on the page. */
      readonly reference?: string;
    },
  ) => void;
  /** Where `mfa.router()` is mounted; default `/mfa`. */
  readonly mountPath?: string;
  /** Where people sign in; default `/login`. */
  readonly signInUrl?: string;
  /** Where they go when nothing else was wanted; default `/`. */
  readonly homeUrl?: string;
  /** Session keys of yours that live on when somebody signs in (`['cart']`); default none. */
  readonly carry?: readonly string[];
  /** Session keys under which Passport instances keep their user; default `['passport']`. */
  readonly passportKeys?: readonly string[];
  /**
   * Sessions with a Passport user and no proof, from before the gate. `challenge` (default): checked like a sign-in; `end`: signed out; a date: left alone until then.
   */
  readonly existingSessions?: 'challenge' | 'end' | { readonly keepUntil: Date };
  /** How long a proof counts as fresh for changing factors; default 10 min, at most 30. */
  readonly freshFor?: Duration;
  /** How long a pending sign-in lives, absolutely; default 10 min, at most 15. */
  readonly pendingFor?: Duration;
  /** Locks, tries, lifetimes and budgets. */
  readonly limits?: LimitOptions;
  /** Requests per address that may change something: default 100 a minute; `false` for a host with a limit of its own. */
  readonly rateLimit?: { readonly window?: Duration; readonly limit?: number } | false;
  /** How long audit rows are kept; default 180 d, at least 31 d (other processes learn from them what has ended). */
  readonly auditFor?: Duration;
  /** How often what has expired is deleted, in the background; default 15 min. `false` where you call `api.sweep` yourself. */
  readonly sweepEvery?: Duration | false;
  /** A store call that takes longer counts as failed; default 2 s. */
  readonly storeTimeout?: Duration;
  /** A call to a carrier that takes longer counts as failed; default 10 s. */
  readonly sendTimeout?: Duration;
  /** Texts of the pages, as far as you want others; or a function of the request, for languages. */
  readonly copy?: CopyOverrides | ((req: Request) => Copy);
  readonly pages?: {
    /** Your own document around each page. */
    readonly layout?: HostLayout;
  };
  /** The field in which your own CSRF middleware looks for its token; default `_csrf`. */
  readonly hostCsrfField?: string;
  /** Milliseconds since 1970; default `Date.now`. For tests. */
  readonly clock?: () => number;
  /** Default: `NODE_ENV` is `production`. */
  readonly production?: boolean;
}

/** What an option must be; `own` has a reader of its own below. */
type Expected = 'text' | 'texts' | 'function' | 'object' | 'flag' | 'own';

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
  beforeChallenge: 'function',
  beforeSignIn: 'function',
  afterSignIn: 'function',
  onChallenge: 'function',
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
  rateLimit: 'own',
  auditFor: 'own',
  sweepEvery: 'own',
  storeTimeout: 'own',
  sendTimeout: 'own',
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

const STORE_VERBS: readonly (keyof Store)[] = ['read', 'commit', 'append', 'scan', 'sweep', 'forget', 'ping', 'close'];

const FACTOR_VERBS: readonly (keyof Factor)[] = ['beginEnrolment', 'refuseMalformed', 'verify'];

/** Default and ceiling of each count. */
const COUNTS = {
  triesPerChallenge: [5, 10],
  triesBeforeLock: [10, 100],
  triesWithoutSuccess: [100, 100],
  sendsPerNumber10Min: [3, 5],
  sendsPerNumberHour: [5, 20],
  sendsPerNumberDay: [10, 50],
  sendsPerUserHour: [5, 50],
  sendsPerIpHour: [10, 10_000],
  sendsPerPrefix10Min: [5, 10_000],
  sendsPerPrefixHour: [20, 100_000],
  sendsPerDay: [1_000, 10_000_000],
} as const;

const KNOWN_LIMITS: Readonly<Record<keyof LimitOptions, Expected>> = {
  ...(Object.fromEntries(Object.keys(COUNTS).map((name) => [name, 'own'])) as Record<keyof typeof COUNTS, Expected>),
  lock: 'own',
  longestLock: 'own',
  codeTtl: 'own',
  resendAfter: 'own',
};

export interface ReadOptions<User extends HostUser> {
  readonly options: MfaOptions<User>;
  readonly production: boolean;
  readonly origin: string | undefined;
  readonly limits: Limits;
  readonly factors: ReadonlyMap<string, Factor>;
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
  return {
    options,
    production,
    origin: readOrigin(options.baseUrl, production),
    limits: readLimits(options),
    factors: readFactors(options.factors),
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

function known(where: string, given: object, names: Readonly<Record<string, Expected>>): void {
  for (const [key, value] of Object.entries(given)) {
    const expected = Object.hasOwn(names, key) ? names[key] : undefined;
    if (expected === undefined)
      throw new MfaError('set_up', `${where}: \`${key}\` is not an option.${didYouMean(key, Object.keys(names))}`);
    if (value !== undefined && !isAsExpected(value, expected))
      throw new MfaError('set_up', `${where}: \`${key}\` is ${kindOf(value)}, expected ${NAMED[expected]}.`);
  }
}

const NAMED: Readonly<Record<Expected, string>> = {
  text: 'a text',
  texts: 'a list of texts',
  function: 'a function',
  object: 'an object',
  flag: 'true or false',
  own: '',
};

function isAsExpected(value: unknown, expected: Expected): boolean {
  if (expected === 'own') return true;
  if (expected === 'text') return typeof value === 'string' && value !== '';
  if (expected === 'texts') return Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
  if (expected === 'flag') return typeof value === 'boolean';
  return typeof value === expected && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null || value === '') return value === null ? 'null' : 'an empty text';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? `the text '${value}'` : `of type ${typeof value}`;
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

function readLimits({
  limits = {},
  freshFor,
  pendingFor,
  sendTimeout,
}: Pick<MfaOptions, 'limits' | 'freshFor' | 'pendingFor' | 'sendTimeout'>): Limits {
  known('createMfa: limits', limits, KNOWN_LIMITS);
  const counts = Object.fromEntries(
    Object.entries(COUNTS).map(([name, [preset, ceiling]]) => [
      name,
      count(`limits.${name}`, limits[name as keyof typeof COUNTS] ?? preset, ceiling),
    ]),
  ) as Record<keyof typeof COUNTS, number>;
  const { resendAfter = ['30s', '60s', '120s'] } = limits;
  if (!Array.isArray(resendAfter) || resendAfter.length < 1 || resendAfter.length > 5) {
    throw new MfaError(
      'set_up',
      "createMfa: limits.resendAfter: expected one to five pauses, as in ['30s', '60s', '120s'].",
    );
  }
  const lockMs = durationMs(limits.lock ?? '15m', 'limits.lock', { min: '1m', max: '24h' });
  const longestLockMs = durationMs(limits.longestLock ?? Math.max(lockMs, 3_600_000), 'limits.longestLock', {
    min: lockMs,
    max: '24h',
  });
  return {
    ...counts,
    lockMs,
    longestLockMs,
    codeTtlMs: durationMs(limits.codeTtl ?? '5m', 'limits.codeTtl', { min: '1m', max: '10m' }),
    resendWaitsMs: resendAfter.map((wait, index) => durationMs(wait, `limits.resendAfter[${index}]`, { max: '10m' })),
    pendingTtlMs: durationMs(pendingFor ?? '10m', 'pendingFor', { min: '1m', max: '15m' }),
    freshMs: durationMs(freshFor ?? '10m', 'freshFor', { min: '1m', max: '30m' }),
    sendTimeoutMs: durationMs(sendTimeout ?? '10s', 'sendTimeout', { max: '10s' }),
    draftTtlMs: 10 * 60_000,
    draftsPerUser: 3,
    factorsPerUser: 10,
    freshCodesTtlMs: 10 * 60_000,
  };
}

function count(name: string, value: number, ceiling: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new MfaError('set_up', `createMfa: ${name} is ${value}, expected a whole number from 1.`);
  if (value > ceiling) throw new MfaError('set_up', `createMfa: ${name} is ${value}, above its ceiling of ${ceiling}.`);
  return value;
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
