/** Texts of the host's own: one for everybody, or one for each language. */
import { MfaError } from '../core/errors.js';
import type { CodeAbout } from './sent-code.js';
import { chosenFor } from './texts/languages.js';

/** One function, or one for each language (`de`, `pt-BR`); who speaks none of them gets `en`, and without that our own text. */
export type TextOption<T> = ((about: CodeAbout) => T) | { readonly [locale: string]: (about: CodeAbout) => T };

const TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** Throws `MfaError` (`set_up`) with advice. */
export function readText<T, Ours>(
  who: string,
  given: TextOption<T> | undefined,
  ours: (about: CodeAbout) => Ours,
): (about: CodeAbout) => T | Ours {
  if (given === undefined) return ours;
  if (typeof given === 'function') return given;
  const usable =
    typeof given === 'object' &&
    given !== null &&
    Object.entries(given).every(([tag, text]) => TAG.test(tag) && typeof text === 'function');
  if (!usable) {
    throw new MfaError(
      'set_up',
      `${who} is a function, or one for each language, as in \`{ en: ({ code }) => ..., 'pt-BR': ({ code }) => ... }\`.`,
    );
  }
  return (about) => (chosenFor(about.locale, given)?.of ?? ours)(about);
}
