/** Phone numbers: the only file that knows libphonenumber-js. Loaded when the first number is read. */

/** What a country's plan says a number is for. Some plans do not tell mobile numbers from landlines: all of +1 and Mexico. */
export type PhoneType = 'mobile' | 'landline' | 'mobile-or-landline' | 'voip' | 'personal';

export interface PhoneRules {
  /** ISO 3166 alpha-2; a number of any other country is refused. */
  readonly countries: readonly string[];
  /** The country a number without `+` is read in; default the first of `countries`. */
  readonly defaultCountry?: string;
}

interface PhoneNumber {
  readonly e164: string;
  /** ISO 3166 alpha-2. */
  readonly country: string;
  readonly type: PhoneType;
}

export type ReadPhone =
  | ({ readonly ok: true } & PhoneNumber)
  /** `unreadable`: not a number. `country`: not in the list, or none at all (satellite, +800). `type`: premium and the like. */
  | { readonly ok: false; readonly why: 'unreadable' | 'country' | 'type' };

/** Whatever is not here costs whoever calls it, or is read by nobody: premium, toll-free, shared cost, pagers, voicemail, company-wide numbers. */
const TYPES: Readonly<Record<string, PhoneType>> = {
  MOBILE: 'mobile',
  FIXED_LINE: 'landline',
  FIXED_LINE_OR_MOBILE: 'mobile-or-landline',
  VOIP: 'voip',
  PERSONAL_NUMBER: 'personal',
};

export const PHONE_TYPES: readonly PhoneType[] = Object.values(TYPES);

let loaded: Promise<typeof import('libphonenumber-js/max')> | undefined;

/** Asking the loader each time costs as much as reading the number. */
function plans() {
  loaded ??= import('libphonenumber-js/max');
  return loaded;
}

/** Reads what a person typed. The country comes from the whole number, never from the calling code: +1 is twenty-five countries. */
export async function readPhone(typed: unknown, rules: PhoneRules, country?: unknown): Promise<ReadPhone> {
  if (typeof typed !== 'string' || typed.length > 64) return { ok: false, why: 'unreadable' };
  const { parsePhoneNumberFromString, isSupportedCountry } = await plans();
  // Read in another country than the one that was meant, a number is a stranger's.
  const picked = isGiven(country) ? rules.countries.find((one) => one === country) : undefined;
  if (isGiven(country) && picked === undefined) return { ok: false, why: 'country' };
  const wanted = picked ?? rules.defaultCountry ?? rules.countries[0];
  const parse = (text: string) =>
    parsePhoneNumberFromString(text, {
      extract: false,
      ...(wanted !== undefined && isSupportedCountry(wanted) ? { defaultCountry: wanted } : {}),
    });
  const parsed = parse(cleaned(typed));
  const written = parsed === undefined || parsed.isValid() ? [] : asOfToday(parsed.number);
  const number = written.map(parse).find((one) => one?.isValid()) ?? parsed;
  if (!number || number.ext || !number.isValid()) return { ok: false, why: 'unreadable' };
  if (!number.country || !rules.countries.includes(number.country)) return { ok: false, why: 'country' };
  const type = TYPES[number.getType() ?? ''];
  if (type === undefined) return { ok: false, why: 'type' };
  return { ok: true, e164: number.number, country: number.country, type };
}

/** `+44 7400 123456`: for the eyes of whoever has just typed it. */
export async function formatPhone(e164: string): Promise<string> {
  const { parsePhoneNumberFromString } = await plans();
  return parsePhoneNumberFromString(e164, { extract: false })?.formatInternational() ?? e164;
}

/** `••••••••56`: the last two digits, the same length whatever the number. */
export function maskPhone(e164: string): string {
  return `••••••••${e164.slice(-2)}`;
}

/** Address books hand out `tel:` links, and marks that nobody sees; phones have the digits of their language, and the country code in brackets. */
function cleaned(typed: string): string {
  return typed
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Nd}/gu, asciiDigit)
    .replace(/[\t·•]/g, ' ')
    .trim()
    .replace(/^tel:/i, '')
    .replace(/^\( ?(\+\d{1,3}) ?\)/, '$1');
}

/** The digits of a script stand in a row, from its zero on. */
function asciiDigit(digit: string): string {
  const place = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(place - value - 1))) value += 1;
  return String(value);
}

/**
 * How old forms, which address books still have, are written today: Mexico had a 1 after the +52, and 01, 044 or 045 in the country, until 2019;
 * Argentina's mobile numbers have a 9 after the +54, or a 15 after the area code, never both.
 */
function asOfToday(e164: string): readonly string[] {
  const [, mexican] = /^\+52(?:1|01|044|045)(\d{10})$/.exec(e164) ?? [];
  if (mexican !== undefined) return [`+52${mexican}`];
  const [, argentine] = /^\+549(\d{12})$/.exec(e164) ?? [];
  if (argentine === undefined) return [];
  const areas = [2, 3, 4].filter((length) => argentine.startsWith('15', length));
  return areas.map((length) => `+549${argentine.slice(0, length)}${argentine.slice(length + 2)}`);
}

function isGiven(country: unknown): boolean {
  return country !== undefined && country !== null && country !== '';
}
