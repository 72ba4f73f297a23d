import type { CaptchaAsked } from './captcha.js';
import type { Channel } from './delivery.js';

/**
 * Every code this library answers with, its HTTP status, and the sentence for a developer who meets it. `docs/errors.md` is this table.
 * What people read on a page is in `http/copy.ts`.
 */
export const ERRORS = {
  sign_in_required: { status: 401, title: 'Nobody is signed in.' },
  mfa_required: { status: 401, title: 'The first factor is right; the second is still outstanding.' },
  sign_in_again: { status: 401, title: 'The pending sign-in is over or void. Sign in again.' },
  sign_in_refused: { status: 403, title: 'This sign-in is not allowed.' },
  fresh_proof_required: { status: 403, title: 'This needs a recent proof of a second factor.' },
  captcha_required: { status: 403, title: 'Prove first that you are a person: send a `captchaToken`.' },
  csrf_failed: { status: 403, title: 'The request did not prove that it comes from our own pages.' },
  forbidden: { status: 403, title: 'Not allowed.' },
  not_found: { status: 404, title: 'Not here, or not yours.' },
  method_not_allowed: { status: 405, title: 'This path does not take this method.' },
  already_set_up: { status: 409, title: 'That is set up already.' },
  conflict: { status: 409, title: 'Something else changed this at the same moment. Look again and retry.' },
  too_many_factors: { status: 409, title: 'No more factors of this state can be added.' },
  required_by_policy: { status: 409, title: 'Policy asks this user to keep a second factor.' },
  challenge_expired: { status: 410, title: 'This challenge has expired or was replaced. Start a new one.' },
  challenge_exhausted: { status: 410, title: 'This challenge is out of tries. Start a new one.' },
  enrolment_expired: { status: 410, title: 'This set-up has expired. Start again.' },
  body_too_large: { status: 413, title: 'The body is over the limit.' },
  unsupported_media_type: { status: 415, title: 'Send a form or JSON.' },
  bad_request: { status: 400, title: 'The request could not be read.' },
  code_wrong: { status: 422, title: 'The code is not right.' },
  code_malformed: { status: 422, title: 'This cannot be a code. No try was spent.' },
  field_invalid: { status: 422, title: 'A field is missing or not usable.' },
  captcha_failed: { status: 422, title: 'The captcha token is wrong, used, or for another site.' },
  destination_refused: { status: 422, title: 'Codes cannot be sent there.' },
  user_locked: { status: 429, title: 'Too many wrong answers with this kind of factor.' },
  send_limited: { status: 429, title: 'No further code can be sent yet.' },
  rate_limited: { status: 429, title: 'Too many requests.' },
  delivery_unavailable: { status: 503, title: 'The code could not be sent or checked now.' },
  unavailable: { status: 503, title: 'A part that is needed to decide cannot be reached. Nothing was changed.' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** An answer of "no" to something a user did: not an exception. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  /** The field that was not usable: `code`, `phone`, `password`, `name`, `saved`. */
  readonly field?: string;
  readonly retryAfterMs?: number;
  /** Answers left before the challenge is out of tries or the user is locked. */
  readonly attemptsLeft?: number;
  /** TOTP set-up: how far the phone's clock is off. */
  readonly clockSkewSeconds?: number;
  /** The channel by which no code reaches the number, and the one that may be asked for instead. */
  readonly failedChannel?: Channel;
  readonly suggestedChannel?: Channel;
  /** Which captcha is asked for: with this request, sent again, or (`code_wrong`) with the next answer. */
  readonly captcha?: CaptchaAsked;
}

/** Shorthand for the flows. */
export function refuse(code: ErrorCode, details: Omit<Refusal, 'ok' | 'code'> = {}): Refusal {
  return { ok: false, code, ...details };
}

/**
 * What this library throws: `set_up` for a mistake in the host's code (thrown while the app starts, with advice), otherwise one
 * of the codes of `ERRORS`. Never carries a vendor's error, a secret or a code.
 */
export class MfaError extends Error {
  readonly code: ErrorCode | 'set_up';
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode | 'set_up', message?: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message ?? (code === 'set_up' ? 'express-mfa is not set up right.' : ERRORS[code].title), {
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.name = 'MfaError';
    this.code = code;
    this.status = code === 'set_up' ? 500 : ERRORS[code].status;
    this.retryAfterMs = options.retryAfterMs;
  }
}
