/** Texts of the host's own: one for everybody, or one for each language. */
import { MfaError } from '../core/errors.js';
import type { CodeAbout } from './sent-code.js';
import { chosenFor } from './texts/languages.js';

/** One function, or one for each language (`de`, `pt-BR`); who speaks none of them gets `en`, and without that our own text. */
export type TextOption<T> = ((about: CodeAbout) => T) | { readonly [locale: string]: (about: CodeAbout) => T };

/** What is wrong with what a function made, as the end of a sentence that begins with its name; undefined: nothing. */
export type FaultOf = (made: unknown, code: string) => string | undefined;

/** A text of the host's that fails where it must not is told here, and ours goes out. */
type Report = (error: unknown) => void;

const TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const SAMPLE: CodeAbout = { code: '907153', issuer: 'Acme', host: 'acme.example', minutes: 5, locale: 'en' };

/** Tries each text with a code that was never sent, so that a mistake in it is found when the app starts. Throws `MfaError` (`set_up`) with advice. */
export function readText<T, Ours>(
  who: string,
  given: TextOption<T> | undefined,
  ours: (about: CodeAbout) => Ours,
  faultOf: FaultOf,
): (about: CodeAbout, report: Report) => T | Ours {
  if (given === undefined) return ours;
  const byLanguage: { readonly [locale: string]: (about: CodeAbout) => T } =
    typeof given === 'function' ? { en: given } : given;
  requireFunctions(who, byLanguage);
  for (const [locale, text] of Object.entries(byLanguage)) {
    const made = madeBy(text, { ...SAMPLE, locale }, faultOf);
    const where = typeof given === 'function' ? who : `${who}, ${locale},`;
    if ('fault' in made) throw new MfaError('set_up', `${where} ${made.fault}. ${ADVICE}`);
  }
  const chosen = (locale: string | undefined) =>
    typeof given === 'function' ? given : chosenFor(locale, byLanguage)?.of;
  return (about, report) => {
    const text = chosen(about.locale);
    if (text === undefined) return ours(about);
    const made = madeBy(text, about, faultOf);
    if ('value' in made) return made.value;
    report(new MfaError('set_up', `${who} ${made.fault}, so our own text went out instead.`));
    return ours(about);
  };
}

const ADVICE =
  'It is given `code`, `issuer`, `host`, `minutes` and `locale`, as in `({ code }) => `Your code is ${' + 'code}.``.';

/** What the function says when it throws may hold the code. */
function madeBy<T>(
  text: (about: CodeAbout) => T,
  about: CodeAbout,
  faultOf: FaultOf,
): { readonly value: T } | { readonly fault: string } {
  let value: T;
  try {
    value = text(about);
  } catch (error) {
    return { fault: `throws ${error instanceof Error ? error.name : 'something'}` };
  }
  const fault = faultOf(value, about.code);
  return fault === undefined ? { value } : { fault };
}

function requireFunctions(who: string, given: unknown): void {
  const usable =
    typeof given === 'object' &&
    given !== null &&
    Object.entries(given).every(([tag, text]) => TAG.test(tag) && typeof text === 'function');
  if (usable) return;
  throw new MfaError(
    'set_up',
    `${who} is a function, or one for each language, as in \`{ en: ({ code }) => ..., 'pt-BR': ({ code }) => ... }\`.`,
  );
}

/** Faults of one text. `most` characters; `withCode`: the code has to be in it. */
export function faultOfText(made: unknown, { most, code }: { readonly most: number; readonly code?: string }) {
  if (typeof made !== 'string')
    return made instanceof Promise ? 'answers with a promise' : 'does not answer with a text';
  if (made.trim() === '') return 'is empty';
  if (made.length > most) return `is ${made.length} characters long, and ${most} is the most`;
  const [left] = /\$?\{\{?\s*(?:code|issuer|host|minutes|locale)\s*\}?\}/.exec(made) ?? [];
  if (left !== undefined) return `says \`${left}\` as it stands; a template has back quotes`;
  if (/\bundefined\b/.test(made)) return 'says `undefined`';
  return code !== undefined && !made.includes(code) ? 'does not say the code' : undefined;
}
