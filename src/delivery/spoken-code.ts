import { sayLocale } from './twilio-locales.js';

const INVALID_IN_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * TwiML that speaks a code digit by digit, twice. It starts after a pause, as people need a moment to bring the phone to the ear. It
 * does not wait for a key press: `<Gather>` needs a public URL to go on at, and inline TwiML has none.
 */
export function spokenCode({
  text,
  code,
  locale,
}: {
  text: string;
  code: string;
  locale?: string | undefined;
}): string {
  // Commas, as "482913" is read as a number and "4." as an ordinal in some languages.
  const digits = [...code].join(', ');
  const sentence = text.includes(code) ? text.split(code).join(digits) : `${text} ${digits}`;
  const language = sayLocale(locale);
  const say = `<Say${language === undefined ? '' : ` language="${language}"`}>${escapeXml(sentence)}</Say>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="2"/>${say}<Pause length="2"/>${say}</Response>`;
}

function escapeXml(text: string): string {
  return text.replace(INVALID_IN_XML, '').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
