import type { MfaEvent } from '../../src/index.js';
import { carrierName } from './carriers.js';
import { day } from './dates.js';
import { NAME } from './layout.js';
import { failureText, riskText, whyNotSent } from './reasons.js';

/** An event as its own user reads it. */
export function sentence(event: MfaEvent): string {
  switch (event.type) {
    case 'sign_in.pending':
      return event.next === 'enrol'
        ? 'Password right; a second step has to be set up'
        : 'Password right; waiting for the second step';
    case 'sign_in.completed':
      return `Signed in with ${kind(event.factor)}`;
    case 'sign_in.refused':
      return event.reason === 'risk' ? 'A sign-in was refused: it looked too risky' : 'A sign-in was refused';
    case 'sign_in.cancelled':
      return 'A sign-in was cancelled';
    case 'challenge.sent':
      return `Code sent by ${kind(event.channel)} to ${event.destination}${via(event.carriers)}`;
    case 'challenge.send_failed':
      return `No code was sent by ${kind(event.channel)}${via(event.carriers)}: ${whyNotSent(event.why, event.limit)}`;
    case 'challenge.delivered':
      return `${carrierName(event.carrier)} says that the code by ${kind(event.channel)} has arrived`;
    case 'challenge.undelivered':
      return `${carrierName(event.carrier)} says that the code by ${kind(event.channel)} did not arrive: ${failureText(event.why)}`;
    case 'sending.blocked':
      return `Codes ${where(event)} are stopped${until(event.until)}: ${whyNotSent('limited', event.limit)}`;
    case 'risk.scored':
      return riskText(event);
    case 'captcha.failed':
      return `A captcha was not taken before ${event.before === 'send' ? 'a code was sent' : 'an answer'}`;
    case 'challenge.failed':
      return `Wrong answer: ${kind(event.factor)}`;
    case 'challenge.passed':
      return `Right answer: ${kind(event.factor)}`;
    case 'factor.added':
      return `Added: ${event.name}`;
    case 'factor.replaced':
      return `Replaced: ${event.name}`;
    case 'factor.renamed':
      return `Renamed to ${event.name}`;
    case 'factor.removed':
      return `Removed: ${kind(event.factor)}`;
    case 'backup_codes.made':
      return `${event.count} new backup codes`;
    case 'backup_code.used':
      return `A backup code was used; ${event.left} left`;
    case 'user.locked':
      return `Too many wrong answers: ${kind(event.factor)} is locked`;
    case 'user.unlocked':
      return 'Unlocked';
    case 'mfa.disabled':
      return 'Two-step sign-in was turned off';
    case 'mfa.reset':
      return 'Two-step sign-in was reset by support';
    case 'credentials.changed':
      return 'The password was changed; everybody was signed out';
    case 'lookup.made':
      return 'Somebody who knows phone numbers was asked about the number';
    case 'lookup.failed':
      return 'Nothing could be learnt about the number';
    case 'factor.imported':
      return `Taken over: ${event.name}`;
    case 'sign_in.exempted':
      return 'Let in by a door that needs no second step';
    case 'user.forgotten':
      return 'The account was deleted';
    case 'user.exported':
      return 'Your data was downloaded';
    default:
      return (event as MfaEvent).type;
  }
}

/** Whom it was asked of, in order. */
function via(carriers: readonly string[] = []): string {
  return carriers.length === 0 ? '' : `, by way of ${carriers.map(carrierName).join(' and then ')}`;
}

function where({ stops, country, prefix }: MfaEvent<'sending.blocked'>): string {
  const place = prefix ?? country;
  return `${stops === 'set-ups' ? 'for setting up ' : ''}to ${place ?? 'everywhere'}`;
}

function until(at: number | undefined): string {
  return at === undefined ? '' : ` until ${day(at)}`;
}

/** The mail about a change of somebody's security. */
export function notice(event: MfaEvent): { readonly subject: string; readonly text: string } {
  const what = sentence(event);
  return {
    subject: `Your ${NAME} account: ${what}`,
    text: `About your ${NAME} account. ${what}. If this was not you, change your password now.`,
  };
}

const KINDS: Readonly<Record<string, string>> = {
  totp: 'authenticator app',
  phone: 'phone',
  sms: 'text message',
  voice: 'phone call',
  whatsapp: 'WhatsApp',
  'flash-call': 'missed call',
  email: 'e-mail',
  'backup-codes': 'backup code',
  password: 'password',
};

export function kind(factor: string): string {
  return KINDS[factor] ?? factor;
}
