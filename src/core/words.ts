/** The nouns of the library as types; what each means is listed in docs/architecture.md. */
import type { DeliveryState } from './carrier-webhook.js';
import type { Channel, FailureClass, WebhookName } from './delivery.js';
import type { Json } from './store.js';

/** An id as the host's users have it. Numbers and strings of the same digits are the same user. */
export type UserId = string | number;

/** The host's own user object; the library only ever asks `users` about it. */
export type HostUser = object;

/** A user as the flows know them. */
export interface Subject {
  readonly id: UserId;
  /** The store's partition: tenant and id. */
  readonly owner: string;
  readonly tenant?: string;
  /** What an authenticator app and the set-up pages show: an e-mail address or a name. */
  readonly label: string;
  readonly user: HostUser;
}

/** One user's confirmed factor. */
export interface Enrolment {
  readonly id: string;
  readonly kind: string;
  /** The person's own name for it. */
  readonly name: string;
  /** What the factor keeps: secrets sealed, everything else plain. */
  readonly data: Json;
  /** The highest step or counter accepted so far. */
  readonly mark: number;
  readonly version: number;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
  /** By which the code came that was answered last. */
  readonly lastChannel?: Channel;
  /** Which the person asked for, the last time they asked for one. */
  readonly ownChannel?: Channel;
}

/** A factor being set up, not confirmed yet. */
export interface Draft {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly data: Json;
  /** The pending sign-in or proof that began it; nobody else sees or confirms it. */
  readonly context: string;
  readonly destination?: string;
  readonly channel?: Channel;
  /** The person named the channel. */
  readonly asked?: true;
  readonly ownChannel?: Channel;
  /** The enrolment that goes when this one works. */
  readonly replaces?: string;
  /** The last code sent for it. */
  readonly sent?: {
    readonly data: Json;
    readonly sendNo: number;
    readonly at: number;
    readonly expiresAt: number;
    readonly hops?: readonly Hop[];
    readonly delivery?: DeliveryState;
  };
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** One sent code that waits for its answer: it belongs to one pending sign-in or one signed-in session, and to one enrolment. */
export interface Challenge {
  readonly id: string;
  /** The pending sign-in's or the proof's id. */
  readonly context: string;
  readonly enrolmentId: string;
  readonly kind: string;
  readonly channel: Channel;
  /** The person named the channel. */
  readonly asked?: true;
  /** Remembered as theirs once the code is answered. */
  readonly ownChannel?: Channel;
  readonly destination: string;
  /** 1 for the first code, 2 for the first resend ... */
  readonly sendNo: number;
  readonly sentAt: number;
  /** What the factor keeps for checking the answer. */
  readonly data: Json;
  /** Which carriers were asked, in order, and what they said. */
  readonly hops?: readonly Hop[];
  /** What a carrier said became of it, where it says anything. */
  readonly delivery?: DeliveryState;
  readonly expiresAt: number;
}

/** One carrier that was asked to bring a code. `calling` is what a crash leaves. */
export interface Hop {
  readonly carrier: string;
  readonly sent: 'calling' | 'yes' | 'no' | 'unknown';
  readonly why?: FailureClass;
  /** What the carrier calls the send. */
  readonly ref?: string;
  /** Whose webhook tells what becomes of it. */
  readonly webhook?: WebhookName;
}

/** First factor right, second outstanding. The session holds only its id. */
export interface PendingSignIn {
  readonly id: string;
  readonly owner: string;
  readonly userId: UserId;
  readonly epoch: number;
  /** `enrol`: policy asks for a factor and the user has none. */
  readonly next: 'challenge' | 'enrol';
  readonly firstFactor: string;
  /** Where the sign-in was going; a same-origin path. */
  readonly returnTo: string;
  readonly keepSessionInfo: boolean;
  /** How risky the first factor looked, where that is asked. */
  readonly risk?: SignInRisk;
  readonly startedAt: number;
  readonly expiresAt: number;
}

/** What a sign-in looked like when its first factor was right. */
export interface SignInRisk {
  readonly score: number;
  readonly reasons: readonly { readonly signal: string; readonly weight: number; readonly value: number }[];
  /** Only these kinds of factor may be answered with. */
  readonly kinds?: readonly string[];
  /** ISO 3166 alpha-2. */
  readonly country?: string;
}

/** One factor proved at one time. */
export interface Grant {
  /** `password` (any first factor), `totp`, `sms` ... */
  readonly factor: string;
  readonly enrolment?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** RFC 8176 authentication method references. */
  readonly amr: readonly string[];
}

/** What a signed-in session keeps. */
export interface Proof {
  /** Changes at every step; challenges and set-ups begun under an older one are void. */
  readonly id: string;
  readonly owner: string;
  readonly userId: UserId;
  /** What Passport's serializeUser made of the user this proof is for, as JSON. */
  readonly serialized: string;
  readonly epoch: number;
  readonly firstFactorAt: number;
  readonly grants: readonly Grant[];
  readonly csrf: string;
}

/** What of a request the events and hooks may know. */
export interface RequestFacts {
  readonly ip?: string;
  readonly userAgent?: string;
  readonly requestId?: string;
  /** BCP 47, from Accept-Language. */
  readonly locale?: string;
}
