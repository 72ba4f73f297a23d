/** What every reader of options shares: names, kinds and counts, each refused with advice. */
import { didYouMean } from '../core/did-you-mean.js';
import { MfaError } from '../core/errors.js';

/** What an option must be; `own` has a reader of its own below. */
export type Expected = 'text' | 'texts' | 'function' | 'object' | 'flag' | 'own';

/** Refuses names that are not in the list, naming the nearest, and values of another kind. */
export function known(where: string, given: object, names: Readonly<Record<string, Expected>>): void {
  for (const [key, value] of Object.entries(given)) {
    const expected = Object.hasOwn(names, key) ? names[key] : undefined;
    if (expected === undefined)
      throw new MfaError('set_up', `${where}: \`${key}\` is not an option.${didYouMean(key, Object.keys(names))}`);
    if (value !== undefined && !isAsExpected(value, expected))
      throw new MfaError('set_up', `${where}: \`${key}\` is ${kindOf(value)}, expected ${NAMED[expected]}.`);
  }
}

const NAMED: Readonly<Record<Expected, string>> = {
  text: 'a text',
  texts: 'a list of texts',
  function: 'a function',
  object: 'an object',
  flag: 'true or false',
  own: '',
};

export function isAsExpected(value: unknown, expected: Expected): boolean {
  if (expected === 'own') return true;
  if (expected === 'text') return typeof value === 'string' && value !== '';
  if (expected === 'texts') return Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
  if (expected === 'flag') return typeof value === 'boolean';
  return typeof value === expected && value !== null && !Array.isArray(value);
}

/** What was given, for a sentence of advice. */
export function kindOf(value: unknown): string {
  if (value === null || value === '') return value === null ? 'null' : 'an empty text';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? `the text '${value}'` : `of type ${typeof value}`;
}

/** A whole number from 1 to the ceiling; one beyond it is an error, never silently cut. */
export function count(name: string, value: number, ceiling: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new MfaError('set_up', `createMfa: ${name} is ${value}, expected a whole number from 1.`);
  if (value > ceiling) throw new MfaError('set_up', `createMfa: ${name} is ${value}, above its ceiling of ${ceiling}.`);
  return value;
}
