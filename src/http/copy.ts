/** Every text a person reads on the pages. Hosts override any leaf; the values a sentence needs come in as one typed object. */
import type { ErrorCode } from '../core/errors.js';

/** What an error sentence may use. */
export interface ErrorFacts {
  readonly field?: string | undefined;
  readonly kind?: string | undefined;
  readonly digits?: number | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly attemptsLeft?: number | undefined;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return count(Math.max(1, Math.ceil(seconds)), 'second');
  if (seconds < 3600) return count(Math.ceil(seconds / 60), 'minute');
  return count(Math.ceil(seconds / 3600), 'hour');
}

function later({ retryAfterSeconds }: ErrorFacts): string {
  return retryAfterSeconds === undefined ? 'later' : `in ${duration(retryAfterSeconds)}`;
}

function triesLeft({ attemptsLeft }: ErrorFacts): string {
  return attemptsLeft === undefined || attemptsLeft > 2 ? '' : `. You have ${count(attemptsLeft, 'try', 'tries')} left`;
}

function day(when: Date): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(when);
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

const errors: Readonly<Record<ErrorCode, (facts: ErrorFacts) => string>> = {
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
  destination_refused: ({ field }) =>
    field === 'email'
      ? 'We cannot send codes to that address. If it is the one you reset your password with, use another one'
      : 'We cannot send codes to that number. Use another one',
  user_locked: (facts) => `Too many tries. Try again ${later(facts)} or use another way`,
  send_limited: (facts) => `We cannot send another code yet. Try again ${later(facts)} or use another way`,
  rate_limited: (facts) => `Too many requests. Try again ${later(facts)}`,
  delivery_unavailable: () => 'We could not send the code. Try again in a moment or use another way',
  unavailable: () => 'Something we need is not working just now. Nothing was changed. Try again in a moment',
};

const kinds: Record<string, string> = {
  totp: 'Authenticator app',
  phone: 'Phone',
  sms: 'Text message',
  voice: 'Phone call',
  whatsapp: 'WhatsApp',
  'flash-call': 'Missed call',
  email: 'Email',
  'backup-codes': 'Backup code',
  password: 'Password',
};

/** One line under each kind that can be added. */
const kindHints: Record<string, string> = {
  totp: 'An app on your phone or computer shows a new code every 30 seconds. Works without a signal.',
  phone: 'We send a code to your phone, in the way that you choose.',
  sms: 'We text a code to your phone.',
  voice: 'We call your phone and read out a code.',
  whatsapp: 'We send a code to your WhatsApp number.',
  'flash-call': 'Your phone rings once. The code is the end of the number that called.',
  email: 'We email you a code.',
};

/** How a code travels, to complete “We sent a code to … by …”. */
const sentBy: Record<string, string> = {
  sms: 'in a text message',
  voice: 'by phone call',
  whatsapp: 'on WhatsApp',
  'flash-call': 'as a missed call: it is the end of the number that called',
  email: 'by email',
};

function sentWith(channel: string): string {
  return sentBy[channel] ?? `by ${channel}`;
}

export const copy = {
  lang: 'en',
  dir: 'ltr',
  documentTitle: ({ heading, issuer, error }: { heading: string; issuer: string; error: boolean }) =>
    `${error ? 'Error: ' : ''}${heading} - ${issuer}`,
  kinds,
  kindHints,
  errors,
  summaryTitle: 'There is a problem',
  errorPrefix: 'Error:',
  account: 'Account',
  continue: 'Continue',
  cancel: 'Cancel',
  statuses: {
    code_sent: 'A code is on its way to you',
    code_delivered: 'The code has been delivered to you',
    code_undelivered: 'The code could not be delivered. Try another way, or ask for a new code',
    factor_added: 'Added. You can use it the next time you sign in',
    factor_removed: 'Removed',
    factor_renamed: 'The name is changed',
    codes_saved: 'Your backup codes are ready to use',
    disabled: 'Two-step sign-in is turned off',
  },
  challenge: {
    heading: 'Enter your code',
    backupHeading: 'Enter a backup code',
    passwordHeading: 'Enter your password',
    sendHeading: 'Get a code',
    chooseHeading: 'Choose how to confirm it is you',
    choose: 'Pick the way that is easiest for you now.',
    stepUp: 'Before you go on, please confirm that it is you.',
    codeLabel: ({ digits }: { digits: number | undefined }) => (digits ? `${digits}-digit code` : 'Code'),
    backupLabel: 'Backup code',
    passwordLabel: 'Password',
    totpHint: ({ issuer, digits }: { issuer: string; digits: number | undefined }) =>
      `Open your authenticator app and enter the ${digits ? `${digits}-digit ` : ''}code for ${issuer}.`,
    totpWait: ({ seconds }: { seconds: number }) =>
      `The code your app shows now was used already. Wait ${duration(seconds)} for the next one.`,
    sentHint: ({ channel, destination, minutes }: { channel: string; destination: string; minutes: number }) =>
      `We sent a code to ${destination} ${sentWith(channel)}. It expires in ${count(minutes, 'minute')}.`,
    backupHint: 'Use one of the codes you saved when you set this up. Each code works once.',
    passwordHint: 'The password you use to sign in.',
    otherHint: ({ name }: { name: string }) => `Enter the code from ${name}.`,
    sendHint: ({ destination, issuer }: { destination: string | undefined; issuer: string }) =>
      `${issuer} will send a code to ${destination ?? 'you'}.`,
    send: ({ channel }: { channel: string }) => {
      if (channel === 'sms') return 'Text me a code';
      if (channel === 'voice') return 'Call me with a code';
      return `Send a code ${sentWith(channel)}`;
    },
    resend: 'Send a new code',
    resendLater: ({ seconds }: { seconds: number }) => `You can ask for a new code in ${duration(seconds)}`,
    noResend: 'We cannot send any more codes for this sign-in',
    another: 'Try another way',
    to: ({ destination }: { destination: string }) => `to ${destination}`,
  },
  captcha: {
    label: 'Check that you are a person',
    unseen: 'It runs by itself when you go on.',
    failed:
      'The check does not work here. A blocker in your browser or network may be in its way: allow it and try again, or use another way. An app or a backup code needs no check.',
    noScript:
      'This check needs JavaScript. Turn it on and load the page again, or use another way: an app or a backup code needs no check.',
  },
  enrol: {
    heading: ({ kind, name }: { kind: string; name: string }) => {
      if (kind === 'totp') return 'Set up an authenticator app';
      if (kind === 'phone') return 'Set up your phone';
      if (kind === 'voice') return 'Set up phone calls';
      if (kind === 'sms') return 'Set up text messages';
      if (kind === 'email') return 'Set up codes by email';
      return `Set up ${name}`;
    },
    replaces: ({ name }: { readonly name: string }) => `“${name}” keeps working until the new one is confirmed.`,
    totpIntro: 'You need an authenticator app on your phone or computer. On the next page you connect it.',
    phoneLabel: 'Phone number',
    phoneHint: 'We send your codes to it. Include the country code, like +61 491 570 156.',
    emailLabel: 'Email address',
    emailHint: 'We send your codes to it. Use another mailbox than the one you reset your password with.',
    countryLabel: 'Country for numbers without a country code',
    country: ({ code }: { code: string }) => new Intl.DisplayNames(['en'], { type: 'region' }).of(code) ?? code,
    nameLabel: 'Name (optional)',
    nameHint: 'To tell it from your others, like “Work phone”.',
    confirmHeading: 'Enter the code we sent',
    finish: 'Finish set-up',
  },
  totp: {
    openTitle: 'Open your authenticator app',
    openText: 'Choose to add an account. Any app for time-based codes will do, the one in a password manager too.',
    open: 'On this device? Add the account to your app',
    scanTitle: 'Scan the QR code',
    scan: 'Point the camera of the app at this code.',
    qrLabel: 'QR code for your authenticator app',
    keyTitle: 'Cannot scan it?',
    key: 'Type this into the app instead.',
    keyLabel: 'Key',
    accountLabel: 'Account',
    issuerLabel: 'Issuer',
    settingsLabel: 'Settings',
    settings: ({ algorithm, digits, period }: { algorithm: string; digits: number; period: number }) =>
      `Time based, ${algorithm}, ${digits} digits, every ${period} seconds`,
    copyKey: 'Copy key',
    codeTitle: 'Enter the code it shows',
    codeHint: 'The app now shows a code for this account. Enter it to check that all is well.',
    clockSkew: ({ seconds }: { seconds: number }) =>
      `The clock of your device seems to be ${duration(Math.abs(seconds))} ${seconds > 0 ? 'ahead' : 'behind'}. ` +
      'Set it to automatic time, then enter a new code.',
  },
  backupCodes: {
    freshHeading: 'Save your backup codes',
    freshIntro: 'If you cannot use your other ways, one of these codes lets you in. Each works once.',
    freshOnce: 'Keep them somewhere safe. We cannot show them again.',
    listLabel: 'Your backup codes',
    download: 'Download',
    print: 'Print',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'We could not copy. Select the text instead',
    saved: 'I have saved these codes',
    heading: 'Backup codes',
    intro: 'Backup codes let you in when you cannot use your other ways. Each works once.',
    left: ({ left, total }: { left: number; total: number }) => `${left} of ${total} left`,
    none: 'None left',
    low: 'You are running low. Make new codes while you can.',
    make: 'Make new codes',
  },
  factors: {
    heading: 'Two-step sign-in',
    intro: 'After you sign in, we ask for one more thing that only you have.',
    forcedHeading: 'Set up a second step',
    forcedIntro: ({ issuer }: { issuer: string }) =>
      `${issuer} asks for one more thing when you sign in. Set it up to go on.`,
    listTitle: 'Your second steps',
    empty: 'You have not set up a second step yet.',
    added: ({ when }: { when: Date }) => `Added ${day(when)}`,
    lastUsed: ({ when }: { when: Date }) => `Last used ${day(when)}`,
    neverUsed: 'Not used yet',
    rename: 'Rename',
    replace: 'Replace',
    remove: 'Remove',
    addTitle: 'Add another way',
    addFirstTitle: 'Choose a way',
    disableTitle: 'Turn off',
    disableHint: 'Signing in will no longer ask for a second step.',
    disable: 'Turn off two-step sign-in',
    home: ({ issuer }: { issuer: string }) => `Back to ${issuer}`,
    back: 'Back to two-step sign-in',
  },
  confirm: {
    removeHeading: ({ name }: { name: string }) => `Remove ${name}?`,
    remove: 'You can no longer sign in with it. You can set it up again later.',
    removeButton: 'Remove',
    disableHeading: 'Turn off the second step?',
    disable:
      'Everything you set up here is removed, your backup codes too. From then on your account is easier to break into.',
    disableButton: 'Turn off',
    regenerateHeading: 'Make new backup codes?',
    regenerate: 'Your old codes stop working as soon as the new ones are made.',
    regenerateButton: 'Make new codes',
  },
  rename: {
    heading: ({ name }: { name: string }) => `Rename ${name}`,
    label: 'New name',
    save: 'Save',
  },
  errorPage: {
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
  },
};

export type Copy = typeof copy;
