/**
 * The delivery port: what carries a code to a person. Two kinds share it. A *carrier* takes our code there; a *verifier* makes
 * and checks a code of its own. Which of the two a delivery is, it says per channel.
 */

export type Channel = 'sms' | 'voice' | 'whatsapp' | 'flash-call' | 'email';

/**
 * Why a code goes by a channel, where there are several. `asked`: the person took another than the suggested one. `same`: as the code before it. `remembered`: the person
 * asked for it the last time. `cost`, `given`: as `channelOrder` says. `only`: nothing else is left.
 */
export type ChannelReason = 'asked' | 'same' | 'remembered' | 'cost' | 'given' | 'only';

/** Who makes the code: this library, or the other side. */
export type CodeOwner = 'ours' | 'theirs';

/** Why a code did not go out. Vendors' own words and bodies stay inside the delivery. */
export const FAILURE_CLASSES = [
  'invalid_destination',
  'landline',
  'unreachable',
  'opted_out',
  'blocked',
  'filtered',
  'rate_limited',
  'resend_limit',
  'spend_limit',
  'channel_unavailable',
  'config',
  'auth',
  'unavailable',
  'timeout',
] as const;

export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** Vendors whose webhooks tell what became of a send. */
export type WebhookName = 'twilio' | 'telnyx';

/** One code to bring to one place. */
export interface SendJob {
  /** The same for every attempt at this send; deliveries whose API takes an idempotency key use it. */
  readonly sendId: string;
  readonly channel: Channel;
  /** E.164 for phones, one plain address for mail. */
  readonly to: string;
  /** ISO 3166 alpha-2, for phones. */
  readonly country?: string;
  /** Present where the code is ours. */
  readonly code?: string;
  /** How long the code works, milliseconds. */
  readonly ttlMs: number;
  /** Shown to the person: the `issuer` option. */
  readonly issuer: string;
  /** The text to send or speak, where the code is ours. */
  readonly text?: string;
  /** For mail. */
  readonly subject?: string;
  readonly html?: string;
  /** BCP 47. */
  readonly locale?: string;
  /** A reference of an earlier send of the same challenge, where the other side owns the code. */
  readonly resendOf?: string;
}

/** How long a call may take, and a way to end it early. */
export interface CallContext {
  readonly signal: AbortSignal;
}

/** Status and code of the other side, and nothing else of its answer. */
export interface VendorDetail {
  readonly status?: number;
  readonly code?: string;
}

export type SendResult =
  | {
      readonly sent: 'yes';
      /** Names the send at the other side (a Verification or Message SID). */
      readonly ref: string;
      readonly codeOwner: CodeOwner;
    }
  | {
      /** `unknown`: the request may have been carried out (no answer, or the connection broke after it was written); goes with `unavailable` or `timeout`. */
      readonly sent: 'no' | 'unknown';
      readonly why: FailureClass;
      readonly retryAfterMs?: number;
      readonly detail?: VendorDetail;
    };

export type CheckResult =
  | { readonly verdict: 'correct' }
  | { readonly verdict: 'wrong' }
  /** The other side no longer knows the code: expired, used, or out of tries. */
  | { readonly verdict: 'gone' }
  /** `reached: false` only where it is certain that the check was not carried out. */
  | {
      readonly verdict: 'error';
      readonly why: FailureClass;
      readonly reached: boolean;
      readonly detail?: VendorDetail;
    };

/** Implement this to send codes with anything else. Neither method throws, and neither retries: a retried send is a second text. */
export interface Delivery {
  /** Short and stable; kept with each send and shown in the audit log: `twilio-verify`. */
  readonly name: string;
  readonly offers: readonly Offer[];
  /** Whose webhook tells what became of its sends, by the `ref` it answers; default nobody's. */
  readonly webhook?: WebhookName;
  send(job: SendJob, context: CallContext): Promise<SendResult>;
  /** Only where the code is theirs. `to` lets the answer be compared with the number that was asked for. */
  check?(
    input: { readonly ref: string; readonly to: string; readonly code: string },
    context: CallContext,
  ): Promise<CheckResult>;
  /** Tells the other side that the code is no longer needed. Best effort; never throws. */
  cancel?(ref: string, context: CallContext): Promise<void>;
  /** Tells the other side that a code of ours was answered rightly, where it wants to know (Verify services with codes of ours). Best effort; never throws. */
  confirm?(ref: string, context: CallContext): Promise<void>;
}

export interface Offer {
  readonly channel: Channel;
  readonly code: CodeOwner;
  /** How many digits a code of theirs has; default 6. Codes of ours have 6. */
  readonly digits?: number;
  /** ISO 3166 alpha-2; default everywhere. */
  readonly countries?: readonly string[];
}
