/** A sentence for every error code. It names what to do next, not what went wrong inside. */
import type { ErrorCode } from '../../core/errors.js';
import { count, duration } from './amounts.js';
import { broughtBy, offerOf, sentWith } from './kinds.js';

/** What an error sentence may use. */
export interface ErrorFacts {
  readonly field?: string | undefined;
  readonly kind?: string | undefined;
  readonly digits?: number | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly attemptsLeft?: number | undefined;
  readonly failedChannel?: string | undefined;
  readonly suggestedChannel?: string | undefined;
}

function later({ retryAfterSeconds }: ErrorFacts): string {
  return retryAfterSeconds === undefined ? 'later' : `in ${duration(retryAfterSeconds)}`;
}

function triesLeft({ attemptsLeft }: ErrorFacts): string {
  return attemptsLeft === undefined || attemptsLeft > 2 ? '' : `. You have ${count(attemptsLeft, 'try', 'tries')} left`;
}

const fields: Readonly<Record<string, (facts: ErrorFacts) => string>> = {
  code: ({ digits, kind }) => {
    if (kind === 'backup-codes') return 'Enter one of your backup codes';
    return digits ? `Enter the ${digits}-digit code` : 'Enter the code';
  },
  phone: () => 'Enter a phone number with its country code, like +61 491 570 156',
  email: () => 'Enter an email address, like name@example.com',
  country: () => 'Choose a country from the list',
  name: () => 'Enter a short name, like “Work phone”',
  password: () => 'Enter your password',
  saved: () => 'Tick the box once you have saved these codes',
};

export const errors: Readonly<Record<ErrorCode, (facts: ErrorFacts) => string>> = {
  sign_in_required: () => 'Sign in to see this page',
  mfa_required: () => 'Enter your code to finish signing in',
  sign_in_again: () => 'This sign-in took too long or was ended. Sign in again',
  sign_in_refused: () => 'We cannot sign you in. If you think this is a mistake, contact support',
  fresh_proof_required: () => 'Confirm that it is you before you change this',
  captcha_required: () => 'Show that you are a person before we send or check a code',
  csrf_failed: () => 'This page was open for too long. Go back, reload it and try again',
  forbidden: () => 'You cannot do this',
  not_found: () => 'This page does not exist, or it has moved',
  method_not_allowed: () => 'This page cannot be used that way',
  already_set_up: () => 'This is set up already',
  conflict: () => 'Something else changed this at the same moment. Look again and try once more',
  too_many_factors: () => 'You have set up as many as you can. Remove one before you add another',
  required_by_policy: () => 'You need to keep at least one way to confirm that it is you',
  challenge_expired: () => 'That code has expired. We can send a new one',
  challenge_exhausted: () => 'Too many tries with that code. Ask for a new one or use another way',
  enrolment_expired: () => 'This set-up has expired. Start it again',
  body_too_large: () => 'What you sent is too long',
  unsupported_media_type: () => 'We could not read what was sent. Go back and try again',
  bad_request: () => 'We could not read what was sent. Go back and try again',
  code_wrong: (facts) =>
    `That ${facts.kind === 'password' ? 'password' : 'code'} is not right. Check it and try again${triesLeft(facts)}`,
  code_malformed: ({ kind, digits }) => {
    if (kind === 'backup-codes') return 'That is not a backup code. Copy one exactly as you saved it';
    return digits ? `The code must be ${digits} numbers` : 'That cannot be a code. Check it and try again';
  },
  field_invalid: (facts) => fields[facts.field ?? '']?.(facts) ?? 'Check what you entered and try again',
  captcha_failed: () => 'That did not show that you are a person. Try it once more or use another way',
  destination_refused: ({ field, kind, failedChannel, suggestedChannel }) => {
    if (field === 'email')
      return 'We cannot send codes to that address. Check it. If it is the one you reset your password with, use another one';
    if (kind === 'email') return 'We cannot send codes to that address. Use another way';
    if (failedChannel === undefined || suggestedChannel === undefined)
      return 'We cannot send codes to that number. Use another one';
    return `${broughtBy(failedChannel)} do not reach this number. ${offerOf(suggestedChannel)}`;
  },
  user_locked: (facts) => `Too many tries. Try again ${later(facts)} or use another way`,
  send_limited: (facts) => `We cannot send another code yet. Try again ${later(facts)} or use another way`,
  rate_limited: (facts) => `Too many requests. Try again ${later(facts)}`,
  delivery_unavailable: ({ failedChannel, suggestedChannel }) =>
    failedChannel === undefined || suggestedChannel === undefined
      ? 'We could not send the code. Try again in a moment or use another way'
      : `We could not send the code ${sentWith(failedChannel)}. ${offerOf(suggestedChannel)}`,
  unavailable: () => 'Something we need is not working just now. Nothing was changed. Try again in a moment',
};

export const errorPage = {
  heading: ({ code }: { code: ErrorCode }) => {
    if (code === 'not_found') return 'Page not found';
    if (code === 'sign_in_required' || code === 'sign_in_again') return 'Please sign in';
    if (code === 'unavailable' || code === 'delivery_unavailable') return 'Sorry, not available just now';
    if (code === 'rate_limited' || code === 'user_locked') return 'Please wait';
    return 'There is a problem';
  },
  reference: ({ reference }: { reference: string }) => `Reference: ${reference}`,
  next: {
    sign_in: 'Sign in',
    home: 'Go to the start page',
    challenge: 'Go on with signing in',
    factors: 'Back to two-step sign-in',
  },
};
