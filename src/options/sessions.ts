/** `carry`, `passportKeys` and `existingSessions`: what of a session is the host's. */
import { MfaError } from '../core/errors.js';
import { isAsExpected, known } from './check-options.js';
import type { MfaOptions } from './mfa-options.js';

/** Without a key to look at the gate would see nobody; carrying one over would carry the user of the session before. */
export function readSessionKeys({
  carry = [],
  passportKeys = ['passport'],
}: Pick<MfaOptions, 'carry' | 'passportKeys'>) {
  if (passportKeys.length === 0)
    throw new MfaError('set_up', "createMfa: `passportKeys` is empty. Leave it out, or write `['passport', 'admin']`.");
  const taken = carry.find((key) => [...passportKeys, 'mfa', 'cookie'].includes(key));
  if (taken !== undefined)
    throw new MfaError('set_up', `createMfa: \`carry\` names '${taken}', which must begin anew at every sign-in.`);
  return { carry, passportKeys };
}

export function readExistingSessions(
  given: MfaOptions['existingSessions'] = 'challenge',
): 'challenge' | 'end' | { readonly keepUntil: number } {
  if (given === 'challenge' || given === 'end') return given;
  if (isAsExpected(given, 'object')) known('createMfa: existingSessions', given, { keepUntil: 'own' });
  const until: unknown = typeof given === 'object' && given !== null ? given.keepUntil : undefined;
  if (until instanceof Date && Number.isFinite(until.getTime())) return { keepUntil: until.getTime() };
  throw new MfaError(
    'set_up',
    "createMfa: `existingSessions` must be 'challenge', 'end' or { keepUntil: new Date('2027-01-01') }.",
  );
}
