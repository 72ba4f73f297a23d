/** The pages that add a factor. */
import { duration } from './amounts.js';

export const enrol = {
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
  channelLabel: 'How should your codes come?',
  channelHint: 'You can choose again each time you sign in.',
  channelAny: 'Whatever suits the number best',
  nameLabel: 'Name (optional)',
  nameHint: 'To tell it from your others, like “Work phone”.',
  confirmHeading: 'Enter the code we sent',
  finish: 'Finish set-up',
};

export const totp = {
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
};
