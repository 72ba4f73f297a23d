/** Which of the languages a person is spoken to in. */
import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { hi } from './hi.js';
import { it } from './it.js';
import { ja } from './ja.js';
import { ko } from './ko.js';
import { pt } from './pt.js';
import type { Wording } from './wording.js';
import { zh } from './zh.js';
import { zhHant } from './zh-hant.js';

/** By BCP 47 tag, lower case. */
export const WORDINGS: Readonly<Record<string, Wording>> = {
  en,
  de,
  fr,
  es,
  it,
  pt,
  ja,
  zh,
  'zh-hant': zhHant,
  ko,
  hi,
};

export interface Chosen<T> {
  readonly of: T;
  /** The tag that was wanted where it was found, else that of what was found instead. */
  readonly locale?: string;
}

/** The tag itself, what it is a form of (`pt-BR`: `pt`), else English; undefined where there is none of them. */
export function chosenFor<T>(wanted: string | undefined, by: Readonly<Record<string, T>>): Chosen<T> | undefined {
  const known = new Map(Object.entries(by).map(([tag, of]) => [plain(tag), of]));
  for (let tag = wanted && written(plain(wanted)); tag; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    const of = known.get(tag);
    if (of !== undefined && wanted !== undefined) return { of, locale: wanted };
  }
  const english = known.get('en');
  return english === undefined ? undefined : { of: english, ...(wanted === undefined ? {} : { locale: 'en' }) };
}

function plain(tag: string): string {
  return tag.replaceAll('_', '-').toLowerCase();
}

/** Chinese is chosen by how it is written, and most tags name a place. */
function written(tag: string): string {
  return /^zh-(tw|hk|mo)\b/.test(tag) ? `zh-hant-${tag.slice(3)}` : tag;
}
