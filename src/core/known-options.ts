import { didYouMean } from './did-you-mean.js';
import { MfaError } from './errors.js';

/** Throws `set_up` for an option that `name` does not have. */
export function refuseUnknownOptions(name: string, options: unknown, known: readonly string[]): void {
  const list = known.map((key) => `\`${key}\``).join(', ');
  if (typeof options !== 'object' || options === null) {
    throw new MfaError('set_up', `${name}: pass one object with ${list}.`);
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new MfaError(
    'set_up',
    `${name}: \`${unknown}\` is not an option.${didYouMean(unknown, known)} There are: ${list}.`,
  );
}
