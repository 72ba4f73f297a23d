import type { CodeAbout, CodeWords } from './sent-code.js';
import { chosenFor, WORDINGS } from './texts/languages.js';
import { segmentsOf } from './texts/segments.js';
import type { Wording } from './texts/wording.js';

/**
 * What a text message says, in the language of the request where we have it. The last line lets browsers offer the code on the right site only (WebOTP, origin-bound one-time codes), and
 * stays last and whole; sentences before it give way where they would cost a second message.
 */
export function codeText(about: CodeAbout): string {
  const { of } = chosenFor(about.locale, WORDINGS) ?? ENGLISH;
  const sentences = of.message(about);
  const last = `\n\n@${about.host} #${about.code}`;
  const texts = sentences.map((_, index) => sentences.slice(0, sentences.length - index).join('') + last);
  const fewest = Math.min(...texts.map(segmentsOf));
  return texts.find((text) => segmentsOf(text) === fewest) ?? sentences.join('') + last;
}

/** What a call says; the delivery spells the digits out. Its locale is the one it is spoken in: a voice reads its own language only. */
export function spokenText(about: CodeAbout): CodeWords {
  const { of, locale } = chosenFor(about.locale, WITH_VOICES) ?? ENGLISH;
  return { text: of.call?.(about) ?? '', ...(locale === undefined ? {} : { locale }) };
}

const ENGLISH = { of: WORDINGS.en as Wording, locale: 'en' } as const;
const WITH_VOICES = Object.fromEntries(Object.entries(WORDINGS).filter(([, { call }]) => call !== undefined));
