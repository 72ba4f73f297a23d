/** The page that asks for the second factor. */
import { count, duration } from './amounts.js';
import { sentWith } from './kinds.js';

export const challenge = {
  heading: 'Enter your code',
  backupHeading: 'Enter a backup code',
  passwordHeading: 'Enter your password',
  sendHeading: 'Get a code',
  chooseHeading: 'Choose how to confirm it is you',
  choose: 'Pick the way that is easiest for you now.',
  stepUp: 'Before you go on, please confirm that it is you.',
  codeLabel: ({ digits, channel }: { digits: number | undefined; channel?: string | undefined }) => {
    if (channel === 'flash-call') return `Last ${digits ? `${digits} ` : ''}digits of the number that called`;
    return digits ? `${digits}-digit code` : 'Code';
  },
  backupLabel: 'Backup code',
  passwordLabel: 'Password',
  totpHint: ({ issuer, digits }: { issuer: string; digits: number | undefined }) =>
    `Open your authenticator app and enter the ${digits ? `${digits}-digit ` : ''}code for ${issuer}.`,
  totpWait: ({ seconds }: { seconds: number }) =>
    `The code your app shows now was used already. Wait ${duration(seconds)} for the next one.`,
  sentHint: ({ channel, destination, minutes }: { channel: string; destination: string; minutes: number }) => {
    const end = `in ${count(minutes, 'minute')}.`;
    if (channel === 'flash-call')
      return `We are ringing ${destination} once. Do not pick up: the code is the end of the number that calls. It expires ${end}`;
    if (channel === 'voice') return `We are calling ${destination} with a code. It expires ${end}`;
    return `We sent a code to ${destination} ${sentWith(channel)}. It expires ${end}`;
  },
  backupHint: 'Use one of the codes you saved when you set this up. Each code works once.',
  passwordHint: 'The password you use to sign in.',
  otherHint: ({ name }: { name: string }) => `Enter the code from ${name}.`,
  /** Where there are several channels. */
  lastTime: ({ channel }: { channel: string }) => `Last time it came ${sentWith(channel)}.`,
  sendHint: ({ destination, issuer }: { destination: string | undefined; issuer: string }) =>
    `${issuer} will send a code to ${destination ?? 'you'}.`,
  send: ({ channel }: { channel: string }) => {
    if (channel === 'sms') return 'Text me a code';
    if (channel === 'voice') return 'Call me with a code';
    if (channel === 'flash-call') return 'Ring me once';
    return `Send a code ${sentWith(channel)}`;
  },
  resend: 'Send a new code',
  resendLater: ({ seconds }: { seconds: number }) => `You can ask for a new code in ${duration(seconds)}`,
  noResend: 'We cannot send any more codes for this sign-in',
  haveCode: 'I have a code already',
  another: 'Try another way',
  suggested: 'suggested',
  lastUsed: 'used last time',
  to: ({ destination }: { destination: string }) => `to ${destination}`,
};

export const captcha = {
  label: 'Check that you are a person',
  unseen: 'It runs by itself when you go on.',
  failed:
    'The check does not work here. A blocker in your browser or network may be in its way: allow it and try again, or use another way. An app or a backup code needs no check.',
  noScript:
    'This check needs JavaScript. Turn it on and load the page again, or use another way: an app or a backup code needs no check.',
};
