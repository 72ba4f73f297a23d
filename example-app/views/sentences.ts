import type { MfaEvent } from '../../src/index.js';
import { carrierName } from './carriers.js';
import { NAME } from './layout.js';

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
      return 'A sign-in was refused';
    case 'sign_in.cancelled':
      return 'A sign-in was cancelled';
    case 'challenge.sent':
      return `Code sent by ${kind(event.factor)} to ${event.destination}${via(event.carriers)}`;
    case 'challenge.send_failed':
      return `A code could not be sent by ${kind(event.factor)} (${event.limit ?? event.why})${via(event.carriers)}`;
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
    case 'user.exported':
      return 'Your data was downloaded';
    default:
      return event.type;
  }
}

/** Whom it was asked of, in order. */
function via(carriers: readonly string[] = []): string {
  return carriers.length === 0 ? '' : `, by way of ${carriers.map(carrierName).join(' and then ')}`;
}

/** The mail about a change of somebody's security. */
export function notice(event: MfaEvent): string {
  return `About your ${NAME} account. ${sentence(event)}. If this was not you, change your password now.`;
}

const KINDS: Readonly<Record<string, string>> = {
  totp: 'authenticator app',
  sms: 'text message',
  voice: 'phone call',
  whatsapp: 'WhatsApp',
  email: 'e-mail',
  'backup-codes': 'backup code',
  password: 'password',
};

export function kind(factor: string): string {
  return KINDS[factor] ?? factor;
}
