/** Every option, its default and its reason. `read-options.ts` reads them once, when the app starts. */
import type { Request, Response } from 'express';
import type { Captcha } from './core/captcha.js';
import type { Channel } from './core/delivery.js';
import type { Duration } from './core/duration.js';
import type { EventType, MfaEvent } from './core/events.js';
import type { Factor } from './core/factor.js';
import type { Store } from './core/store.js';
import type { HostUser, RequestFacts, UserId } from './core/words.js';
import type { NumberFacts } from './flows/assess-risk.js';
import type { Copy } from './http/copy.js';
import type { CopyOverrides } from './http/copy-with.js';
import type { ChallengeAnswer } from './http/http-deps.js';
import type { HostLayout } from './http/pages/layout.js';
import type { RiskSignal, RiskThresholds } from './policy/risk.js';
import type { Policy } from './policy/sign-in-verdict.js';

type MaybePromise<T> = T | Promise<T>;

/** How the library asks the host about its users. */
export interface UsersOptions<User extends HostUser = HostUser> {
  /**
   * The user of that id, or nothing for one who is gone or disabled: their sign-ins and proofs end. Called at every step. With `tenantOf`, the tenant is the one the
   * sign-in began in, or `api` was told; undefined where it is not known. Ids that are the same in two tenants need it.
   */
  readonly findById: (id: UserId, tenant?: string) => MaybePromise<User | null | undefined | false>;
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
  /**
   * Different numbers of one block of fourteen neighbours that are sent to in ten minutes; default 4, so that a fifth is refused. At most 14, which never refuses.
   */
  readonly numbersPerRun?: number;
  /** When too few codes are answered, sending there stops. `false`: never. */
  readonly conversion?: ConversionOptions | false;
  /**
   * The most that may be spent in 24 h, which begin with the first send after the ones before are over: `'200'`, in the currency of `prices`, which it needs.
   * At most 50,000. Default: no cap by money, only `sendsPerDay`.
   */
  readonly spendPerDay?: string;
  /** ... by country: `{ US: '100', other: '20' }`. Default none. */
  readonly spendPerDayByCountry?: { readonly [country: string]: string };
  /** Accounts that may have the same number; default 5, at most 100. Families share phones, and one is strict. */
  readonly accountsPerNumber?: number;
}

/** Healthy places answer 60 to 80 of 100 codes. Counted by the hour of the clock; codes that are younger than `codeTtl` are not judged yet. */
export interface ConversionOptions {
  /** Numbers that differ in the last four digits only. Default `{ sends: 10, share: 0.2 }`: of ten or more, less than a fifth. */
  readonly prefix?: { readonly sends?: number; readonly share?: number };
  /** Default `{ sends: 100, share: 0.1 }`: a country has many honest people, so more is asked before it is stopped. */
  readonly country?: { readonly sends?: number; readonly share?: number };
  /** How long nothing is sent there; default 12 h, from 10 min to 7 d. */
  readonly block?: Duration;
}

/** One line of a price list. */
export interface PriceOptions {
  /** The delivery's `name`: `twilio-verify`. */
  readonly carrier: string;
  readonly channel: Channel;
  /** The beginning of numbers, `'+1212'`; the longest that fits counts. Not together with `country`. */
  readonly prefix?: string;
  /** ISO 3166 alpha-2. Without `prefix` and `country`: everywhere else. */
  readonly country?: string;
  /** A decimal as a text, `'0.0079'`, with at most six digits after the point: binary fractions cannot hold money. */
  readonly perSend: string;
  /** What a right answer costs on top (Verify services); default `'0'`. */
  readonly perSuccess?: string;
  /** ISO 4217, the same in every line. */
  readonly currency: string;
  /** Counts from then on; default always. */
  readonly from?: Date;
}

/** Which carriers tell what became of a send, and what they sign that with. See docs/webhooks.md. */
export interface WebhookOptions {
  readonly twilio?: {
    /** The account's primary auth token; while it is being changed the newest first, then the one before. */
    readonly authTokens: readonly string[];
    /**
     * The address as it stands at Twilio, which signs it: `https://acme.example/webhooks/twilio`. Default: `baseUrl` and the path of the request, which is right
     * unless a proxy changes the path. Never made of the Host header.
     */
    readonly publicUrl?: string;
  };
  readonly telnyx?: {
    /** From the portal: 32 bytes in base64. */
    readonly publicKey: string;
  };
}

/** How risky a sign-in or a send looks, and what follows. `{}` takes the defaults; docs/risk.md has the reasons. */
export interface RiskOptions {
  /** From which score on each happens. Defaults: `captcha` 0.4 (at least 0.1), `stronger` 0.6 (at least 0.2), `refuse` 0.9 (at least 0.5). 1 is never reached: off. */
  readonly thresholds?: Partial<RiskThresholds>;
  /** Another weight for a signal, by its name: 0 (off) to 0.95. */
  readonly weights?: { readonly [signal: string]: number };
  /** Further signals of your own. */
  readonly signals?: readonly RiskSignal[];
  /** The country of an address, ISO 3166 alpha-2, where you can tell. */
  readonly countryOf?: (ip: string) => MaybePromise<string | undefined>;
  /** What is known of a phone number; asked before a send to it, once a day. */
  readonly lookup?: (number: string) => MaybePromise<NumberFacts | undefined>;
  /** Only write down (`risk.scored`) what would have happened. Default false. */
  readonly dryRun?: boolean;
  /** How long a function of yours may take before it counts as not knowing; default 1 s, at most 5. */
  readonly timeout?: Duration;
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
  /** Scores sign-ins and sends, and asks for more where they look risky. Default: nobody looks. */
  readonly risk?: RiskOptions;
  /** Asked where the risk is high, or always, before a code is sent: `turnstile({ siteKey, secret })` and others from `express-mfa/captcha`. Default none. */
  readonly captcha?: Captcha;
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
  /**
   * The language of codes that are sent (BCP 47, `pt-BR`): of texts, calls and mails, and what a Verify service is told. Default, and where it answers undefined or throws:
   * the first of `Accept-Language`.
   */
  readonly localeOf?: (req: Request) => string | undefined;
  /** The host's own answer to a sign-in that waits for its second factor. Default: a redirect, or `{ mfaRequired: true, ... }` for JSON. */
  readonly onChallenge?: (req: Request, res: Response, answer: ChallengeAnswer) => MaybePromise<void>;
  /** Ends the user's other sessions; asked when the first factor is added, on reset, on disabling, and by `api.credentialsChanged`. */
  readonly endSessions?: (userId: UserId, reason: EventType) => MaybePromise<void>;
  /** Tells the user that their security changed, by mail say. Failures are reported to `onError`; the sign-in goes on. */
  readonly notify?: (userId: UserId, event: MfaEvent) => unknown;
  /** Hears every event. What it throws changes nothing. */
  readonly onEvent?: (event: MfaEvent) => unknown;
  /** Hears of faults behind a 503, of listeners that failed, and once of each weak point of the set-up. Default: one line on stderr, without the error's text. */
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
   * What is left alone has no proof that could be void: a changed password, a reset or `api.forgetUser` ends such sessions only by `endSessions`.
   */
  readonly existingSessions?: 'challenge' | 'end' | { readonly keepUntil: Date };
  /** How long a proof counts as fresh for changing factors; default 10 min, at most 30. */
  readonly freshFor?: Duration;
  /** How long a pending sign-in lives, absolutely; default 10 min, at most 15. */
  readonly pendingFor?: Duration;
  /** Locks, tries, lifetimes and budgets. */
  readonly limits?: LimitOptions;
  /** What your carriers ask for. Needed for `spendPerDay`; a carrier, channel or place that is missing counts as the dearest line. Default none. */
  readonly prices?: readonly PriceOptions[];
  /**
   * Which of several carriers is asked first: as they were given, or by what a code that is answered costs (price and success of the last two days, by channel
   * and country). Default `cost` with `prices`, and `given` without.
   */
  readonly carrierOrder?: 'given' | 'cost';
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
  /** Carriers whose webhooks `mfa.webhookRouter()` takes. Default: none. */
  readonly webhooks?: WebhookOptions;
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
