/** Every option, its default and its reason. What needs a page of its own lies beside it by topic; `read-options.ts` reads them all once, when the app starts. */
import type { Request, Response } from 'express';
import type { Captcha } from '../core/captcha.js';
import type { Duration } from '../core/duration.js';
import type { EventType, MfaEvent } from '../core/events.js';
import type { Factor } from '../core/factor.js';
import type { Store } from '../core/store.js';
import type { HostUser, RequestFacts, UserId } from '../core/words.js';
import type { Copy } from '../http/copy.js';
import type { CopyOverrides } from '../http/copy-with.js';
import type { ChallengeAnswer } from '../http/http-deps.js';
import type { HostLayout } from '../http/pages/layout.js';
import type { Policy } from '../policy/sign-in-verdict.js';
import type { LimitOptions } from './limits.js';
import type { PriceOptions } from './prices.js';
import type { RiskOptions } from './risk.js';
import type { WebhookOptions } from './webhooks.js';

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
  /**
   * Which channel of a `phone` a code goes by where the person has not asked for one: the first of those that are well, or the one whose answered codes cost least by its best
   * carrier. Policy, the line and what the person asked for the last time come first. Default `cost` with `prices`, and `given` without.
   */
  readonly channelOrder?: 'given' | 'cost';
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
