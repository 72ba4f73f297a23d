import { MfaError } from '../core/errors.js';

/** How long the codes of a verifier are stands in its own settings; here it is repeated, for the page that asks for one. */
export function requireCodeLength(who: string, codeLength: unknown): void {
  if (typeof codeLength === 'number' && Number.isInteger(codeLength) && codeLength >= 4 && codeLength <= 10) return;
  throw new MfaError(
    'set_up',
    `${who}: \`codeLength\` is a number of digits from 4 to 10, as its own settings have it.`,
  );
}
