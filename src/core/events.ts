/** Facts, past tense. Only flows emit them; the audit log, the host and everything in `ops/` listen. */

import type { Channel, ChannelReason, FailureClass } from './delivery.js';
import type { NumberFact } from './number-lookup.js';
import type { PhoneType } from './phone-numbers.js';

import type { RequestFacts, UserId } from './words.js';

/** What every event carries. */
interface EventBase extends RequestFacts {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly userId: UserId;
  readonly tenant?: string;
  /** Who did it, where that was not the user: an admin's name from `api` calls. */
  readonly actor?: string;
  /** The user's epoch after this, where this made it grow. */
  readonly epoch?: number;
}

interface Facts {
  'sign_in.pending': { readonly next: 'challenge' | 'enrol'; readonly firstFactor: string };
  'sign_in.completed': { readonly factor: string; readonly firstFactor: string; readonly amr: readonly string[] };
  'sign_in.exempted': { readonly reason: string };
  'sign_in.refused': { readonly reason: string };
  'risk.scored': {
    readonly moment: 'sign-in' | 'send';
    readonly score: number;
    readonly reasons: readonly { readonly signal: string; readonly weight: number; readonly value: number }[];
    /** What the thresholds say. */
    readonly action: 'allow' | 'captcha' | 'stronger' | 'refuse';
    /** What was done: the same, unless it was impossible or a dry run. */
    readonly done: 'allow' | 'captcha' | 'stronger' | 'refuse';
    readonly dryRun: boolean;
  };
  /** Somebody who knows phone numbers was asked about one, before a send to it. What is left out is not known. */
  'lookup.made': {
    readonly wanted: readonly NumberFact[];
    readonly line?: PhoneType;
    /** Milliseconds since 1970; null: never. */
    readonly simSwappedAt?: number | null;
  };
  /** What was wanted is not known, and the send was judged without it. `limited`: nobody was asked. */
  'lookup.failed': { readonly wanted: readonly NumberFact[]; readonly why: FailureClass | 'limited' };
  'captcha.failed': {
    readonly provider: string;
    readonly before: 'send' | 'answer';
    readonly why: string;
    /** The vendor could not be asked, and `whenDown` lets people through. */
    readonly allowed: boolean;
  };
  'sign_in.cancelled': Record<never, never>;
  'challenge.sent': {
    readonly factor: string;
    readonly enrolmentId: string;
    readonly channel: Channel;
    /** Why by that one, where the factor has several. */
    readonly channelBy?: ChannelReason;
    readonly destination: string;
    /** Who was asked to bring it, in order, where the factor has carriers to choose from. */
    readonly carriers?: readonly string[];
  };
  'challenge.send_failed': {
    readonly factor: string;
    readonly enrolmentId: string;
    readonly channel: Channel;
    readonly why: FailureClass | 'limited' | 'vetoed' | 'risk' | 'captcha';
    /** Which limit, where one was met. */
    readonly limit?: SendLimit;
    readonly carriers?: readonly string[];
  };
  /** Its carrier says so. It says nothing about who reads it. */
  'challenge.delivered': {
    readonly factor: string;
    readonly enrolmentId: string;
    readonly channel: Channel;
    readonly carrier: string;
  };
  'challenge.undelivered': {
    readonly factor: string;
    readonly enrolmentId: string;
    readonly channel: Channel;
    readonly carrier: string;
    readonly why: FailureClass;
  };
  /** Told once: when a breaker opens, or a cap of the day is reached. About whoever's send it was. */
  'sending.blocked': {
    readonly limit: SendLimit;
    /** What stays open: codes for signing in, where only set-ups are stopped. */
    readonly stops: 'all' | 'set-ups';
    readonly country?: string;
    /** The beginning of the numbers, masked; where a prefix is blocked. */
    readonly prefix?: string;
    /** Milliseconds since 1970. */
    readonly until?: number;
  };
  'challenge.failed': {
    readonly factor: string;
    readonly enrolmentId: string;
    readonly purpose: Purpose;
    /** `too_many_accounts`: the code was right, and others have the number already. */
    readonly reason: 'code_wrong' | 'code_used' | 'gone' | 'unavailable' | 'locked' | 'exhausted' | 'too_many_accounts';
  };
  'challenge.passed': { readonly factor: string; readonly enrolmentId: string; readonly purpose: Purpose };
  'factor.added': {
    readonly factor: string;
    readonly enrolmentId: string;
    readonly name: string;
    readonly first: boolean;
  };
  'factor.replaced': {
    readonly factor: string;
    readonly enrolmentId: string;
    readonly replaced: string;
    readonly name: string;
  };
  'factor.imported': {
    readonly factor: string;
    readonly enrolmentId: string;
    readonly name: string;
    readonly weak: boolean;
  };
  'factor.renamed': { readonly factor: string; readonly enrolmentId: string; readonly name: string };
  'factor.removed': { readonly factor: string; readonly enrolmentId: string; readonly last: boolean };
  'backup_codes.made': { readonly count: number };
  'backup_code.used': { readonly left: number };
  'user.locked': { readonly factor: string; readonly until?: number };
  'user.unlocked': { readonly factor?: string };
  'mfa.disabled': Record<never, never>;
  'mfa.reset': { readonly reason: string };
  'credentials.changed': Record<never, never>;
  'user.exported': Record<never, never>;
  'user.forgotten': Record<never, never>;
}

/** Sign-in, step-up inside a session, or the confirmation of a new factor. */
type Purpose = 'sign-in' | 'step-up' | 'enrolment';

/**
 * What stopped a send: a lock or pause of the user's own, a budget of sends, a cap of money, a run of neighbouring numbers, or a place whose codes are
 * hardly ever answered.
 */
export type SendLimit =
  | 'locked'
  | 'resend'
  | 'user'
  | 'number'
  | 'prefix'
  | 'ip'
  | 'day'
  | 'money'
  | 'country_money'
  | 'neighbours'
  | 'conversion';

export type EventType = keyof Facts;

/** One event; `event.type` tells which fields it has. */
export type MfaEvent<Type extends EventType = EventType> = {
  [T in Type]: EventBase & { readonly type: T } & Facts[T];
}[Type];

/** What a flow says; the id and the time are added. */
export type NewEvent<Type extends EventType = EventType> = { [T in Type]: { readonly type: T } & Facts[T] }[Type];

/** Changes of a user's security: each of these also leaves a notice to the user. */
export const SECURITY_CHANGES: ReadonlySet<EventType> = new Set<EventType>([
  'factor.added',
  'factor.replaced',
  'factor.removed',
  'backup_codes.made',
  'backup_code.used',
  'user.locked',
  'user.unlocked',
  'mfa.disabled',
  'mfa.reset',
  'credentials.changed',
]);
