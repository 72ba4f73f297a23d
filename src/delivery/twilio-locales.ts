/**
 * https://www.twilio.com/docs/verify/supported-languages, default template. A locale outside the list is answered with 404 and no code
 * is sent, while without one Twilio chooses by the country of the number.
 */
const VERIFY_LOCALES: readonly string[] = (
  'af ar ca zh zh-CN zh-HK hr cs da nl en en-GB et fi fr de el he hi hu id it ja kn ko lt ms mr nb pl pt-BR pt ro ru sk ' +
  'es sv tl te th tr uk vi'
).split(' ');

/** https://www.twilio.com/docs/voice/twiml/say, the locales of the standard voices. An unknown one silences the whole `<Say>`. */
const SAY_LOCALES: readonly string[] = (
  'da-DK de-DE en-US en-AU en-CA en-GB en-IN ca-ES es-ES es-MX fi-FI fr-FR fr-CA it-IT ja-JP ko-KR nb-NO nl-NL pl-PL ' +
  'pt-BR pt-PT ru-RU sv-SE zh-CN zh-HK zh-TW'
).split(' ');

/** The Verify locale for a BCP 47 tag: the tag itself, else its language; undefined where Twilio should choose. */
export function verifyLocale(tag: string | undefined): string | undefined {
  return closest(tag, VERIFY_LOCALES);
}

/** The `language` of `<Say>` for a BCP 47 tag: the tag itself, else the first country of its language; undefined for the default. */
export function sayLocale(tag: string | undefined): string | undefined {
  return closest(tag, SAY_LOCALES);
}

function closest(tag: string | undefined, supported: readonly string[]): string | undefined {
  if (tag === undefined) return undefined;
  const wanted = tag.replaceAll('_', '-').toLowerCase();
  const language = wanted.split('-', 1)[0] ?? '';
  const exact = [wanted, ...asWritten(wanted)]
    .map((tag) => supported.find((one) => one.toLowerCase() === tag))
    .find((one) => one !== undefined);
  return exact ?? supported.find((one) => one === language) ?? supported.find((one) => one.startsWith(`${language}-`));
}

/** Traditional Chinese: what is nearest is another place where it is written so, not the language as such. */
function asWritten(wanted: string): readonly string[] {
  if (!/^zh-(hant|tw|hk|mo)\b/.test(wanted)) return [];
  return /-(hk|mo)\b/.test(wanted) ? ['zh-hk', 'zh-tw'] : ['zh-tw', 'zh-hk'];
}
