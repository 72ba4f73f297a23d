/**
 * The factor port: a kind of proof. Write one of these and the library gives it enrolment, challenges, tries, locks, pages, events
 * and step-up. `factorContract` in `express-mfa/testing` tells you whether it is right.
 *
 * A factor decides; it never stores. Whatever must happen once (a step accepted, a code spent) it returns as a claim, and the flow makes
 * it part of the one commit that also consumes the challenge.
 */
import type { Channel, FailureClass, VendorDetail, WebhookName } from './delivery.js';
import type { Refusal } from './errors.js';
import type { PhoneType } from './phone-numbers.js';
import type { Json } from './store.js';
import type { Enrolment, Subject } from './words.js';

/** What the flow lends a factor for one call. */
export interface FactorContext {
  readonly subject: Subject;
  readonly issuer: string;
  /** The public origin's host name, for the last line of a text: `acme.example`. Never a port: that line has no place for one. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly locale?: string;
  /** Encrypts for this very enrolment and user; what comes back may be stored. */
  seal(plaintext: string): Promise<string>;
  /** Throws where the text was sealed for something else, or with a key that is gone. */
  open(sealed: string): Promise<string>;
  /** A keyed hash for something short-lived; it can be compared, not reversed without the key. */
  keyedHash(text: string): string;
  /** Compares in constant time, also with a hash made under an older key. */
  matchesKeyedHash(text: string, hash: string): boolean;
  /** A new signal that ends a call to another party in time: after the `sendTimeout` option. */
  deadline(): AbortSignal;
  /** Tells the host's `onError` of a fault that was worked around. Never throws. */
  report(error: unknown): void;
}

/** What the person sent: `code`, `phone`, `password`, or anything a factor of your own asks for. Never trusted. */
export type Input = { readonly [field: string]: unknown };

/** A code that is made and not sent yet. */
export interface PreparedSend {
  /** Kept with the challenge for `verify`; a code of ours only as a keyed hash. */
  readonly data: Json;
  /**
   * Sends it. Never throws, never retries. `data` in the answer replaces what was kept (a reference of the other side). `by` is one of the factor's
   * `carriers`, and what is kept by now; called a second time with another one, the same code goes out once more.
   */
  transmit(signal: AbortSignal, by?: { readonly carrier: string; readonly data: Json }): Promise<Transmitted>;
}

export type Transmitted =
  | {
      readonly ok: true;
      readonly data: Json;
      /** `unknown`: it may be on its way, and the code works if it arrives. Default `yes`. */
      readonly sent?: 'yes' | 'unknown';
      /** What the carrier calls this send. */
      readonly ref?: string;
      /** Whose webhook tells what becomes of it, by that reference. */
      readonly webhook?: WebhookName;
      /** Of an `unknown` one. */
      readonly detail?: VendorDetail;
    }
  | {
      readonly ok: false;
      readonly why: FailureClass;
      readonly retryAfterMs?: number;
      /** `no`: it is certain that nothing went out, so another carrier may try. Default `unknown`. */
      readonly sent?: 'no' | 'unknown';
      /** For the operator: the host's `onError` is told, now and then. */
      readonly detail?: VendorDetail;
    };

export interface BegunEnrolment {
  readonly ok: true;
  /** Kept sealed where secret; becomes `Enrolment.data` once confirmed. */
  readonly data: Json;
  /** The name it gets when the person gives none. */
  readonly defaultName: string;
  /** The masked destination, where it has one. */
  readonly destination?: string;
  /** For factors that send: the first channel that takes the confirming code; of several, the flow chooses. */
  readonly channel?: Channel;
}

/** What the person needs to see to set the factor up; shown only to the session that began it, only until it is confirmed. */
export type EnrolmentDisplay = { readonly [field: string]: string | number };

export interface Answer {
  readonly enrolment: Enrolment;
  /** `Challenge.data`; undefined for factors that need no challenge. */
  readonly challenge: Json | undefined;
  readonly input: Input;
}

export type Verdict =
  | {
      readonly ok: true;
      /** The enrolment's mark goes up to this, or the answer loses: someone used that step already. */
      readonly raiseMarkTo?: number;
      /** These single-use parts are deleted, or the answer loses. */
      readonly spend?: readonly string[];
      /** The enrolment's data from now on (confirmation only). */
      readonly data?: Json;
      /** Instead of the factor's own `amr`. */
      readonly amr?: readonly string[];
    }
  | { readonly ok: false; readonly reason: 'wrong'; readonly clockSkewSeconds?: number }
  /** It has a shape that no answer to this enrolment has: nothing was compared, and the try is given back. */
  | { readonly ok: false; readonly reason: 'malformed' }
  /** Another party owned the code and no longer knows it. */
  | { readonly ok: false; readonly reason: 'gone' }
  /** The answer could not be checked. `reached: false` gives the try back: it is certain nobody compared anything. */
  | { readonly ok: false; readonly reason: 'unavailable'; readonly reached: boolean };

/** An enrolment of another system, in the factor's own form. */
export interface ImportedEnrolment {
  readonly ok: true;
  readonly data: Json;
  readonly defaultName: string;
  /** The same for the same secret, so that it is taken over once. It may be the secret itself: only a keyed hash of it is kept. */
  readonly sameAs: string;
  /** The step that was accepted last. */
  readonly mark?: number;
  /** Good enough to be accepted where the caller allows weak ones. */
  readonly weak: boolean;
}

/** What can be sent where, for factors whose challenges are sent. */
export interface Sending {
  /** Number or address, normalised; the budgets count by its keyed hash. */
  readonly to: string;
  readonly destination: string;
  /** Those that it takes, in the operator's order; at least one. */
  readonly channels: readonly Channel[];
  /** ISO 3166 alpha-2, for phones. */
  readonly country?: string;
  /** Whether the channel is for numbers of that type, for phones. Left out: any. */
  takes?(channel: Channel, type: PhoneType): boolean;
  /** Nothing may go there any more: the mailbox has come to reset the password, say. */
  readonly refused?: true;
}

export interface Factor {
  /** Lower-case, stable, used in URLs, events and rules: `totp`, `sms`, `webauthn`. */
  readonly kind: string;
  /** RFC 8176 references a proof with it earns: `['otp', 'mfa']`. */
  readonly amr: readonly string[];
  /** The chooser lists the strongest first: webauthn 100, totp 80, whatsapp and sms 40, voice 30, backup-codes 10. */
  readonly strength: number;
  /**
   * `factor`: counts as a second factor. `backup`: made beside the first real factor, and gone with the last; never enrolled by hand.
   */
  readonly role: 'factor' | 'backup';
  /** At most so many confirmed per user; default 10. */
  readonly maxPerUser?: number;
  /** Digits of the answer, where it is a number: the page says "the 6-digit code". */
  readonly digits?: number;
  /** The same for a code that came by that channel, where it is not the same for all of them. */
  digitsBy?(channel: Channel): number;
  /** What the set-up page asks for, apart from a name: a field `phone` or `email`. */
  readonly asks?: 'phone' | 'email';
  /** For factors that ask for a phone number: the countries a national number may be typed for. */
  readonly countries?: readonly string[];
  /** For factors that send: every channel a code may go by, in the operator's order. What one number takes is in `sending`. */
  readonly channels?: readonly Channel[];

  /** Starts setting up; `input` is what the person sent. Not for role `backup`. */
  beginEnrolment(input: Input, context: FactorContext): Promise<BegunEnrolment | Refusal>;
  /** Takes over what another system kept of an enrolment; a text says in one word why not. For factors whose enrolments can be moved. */
  importEnrolment?(input: Input, context: FactorContext): Promise<ImportedEnrolment | string>;
  /** What the set-up page shows of `data`. */
  display?(data: Json, context: FactorContext): Promise<EnrolmentDisplay>;
  /** Checks the shape of an answer before anything is counted: malformed ones cost no try. Undefined: it is well formed. */
  refuseMalformed(input: Input, purpose: 'enrolment' | 'challenge'): Refusal | undefined;
  /** Is the answer right? Called only after the try was counted. Wrong input is a verdict, never an exception. */
  verify(answer: Answer, context: FactorContext): Promise<Verdict>;
  /** Like `verify`, for the unconfirmed enrolment; by default `verify` itself. */
  confirmEnrolment?(answer: Answer, context: FactorContext): Promise<Verdict>;

  /** For factors whose challenges are sent. Masked and normalised destination of an enrolment. */
  sending?(data: Json, context: FactorContext): Promise<Sending>;
  /** Who can bring a code over this channel to this country, in the order they are asked; default: whoever `transmit` asks. */
  carriers?(channel: Channel, country: string | undefined): readonly string[];
  /** Makes the code and what is kept of it. The flow counts and writes that down first, and calls `transmit` once, afterwards. */
  prepareSend?(job: SendInput, context: FactorContext): Promise<PreparedSend>;

  /** A sent code is void before its time: tells whoever made it, so that the next one is another. Best effort; never throws. */
  discard?(challenge: Json, context: FactorContext): Promise<void>;
  /** A code of ours was answered rightly: tells carriers that ask for it. Nobody waits for it; never throws. */
  confirm?(challenge: Json, context: FactorContext): Promise<void>;

  /** TOTP: seconds until an answer can be accepted again, 0 for now. */
  waitSeconds?(enrolment: Enrolment, now: number): number;

  /** For role `backup`: a whole new set. `parts` are single-use records, `codes` what the person is shown once. */
  makeSet?(context: FactorContext): Promise<{
    readonly data: Json;
    readonly parts: readonly { readonly id: string; readonly data: Json }[];
    readonly codes: readonly string[];
  }>;
  /** For role `backup`: reads the single-use parts too. */
  verifyAmong?(answer: Answer, parts: readonly { id: string; data: Json }[], context: FactorContext): Promise<Verdict>;
}

export interface SendInput {
  readonly enrolment: Pick<Enrolment, 'id' | 'data'>;
  readonly channel: Channel;
  readonly ttlMs: number;
  readonly sendId: string;
  /** `Challenge.data` of the send before, on a resend. */
  readonly previous?: Json;
}
