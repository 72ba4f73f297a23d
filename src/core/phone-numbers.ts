/** Phone numbers: the only file that knows libphonenumber-js. Loaded when the first number is read. */

export interface PhoneRules {
  /** ISO 3166 alpha-2; a number of any other country is refused. */
  readonly countries: readonly string[];
  /** The country a number without `+` is read in; default the first of `countries`. */
  readonly defaultCountry?: string;
}

export type ReadPhone =
  | { readonly ok: true; readonly e164: string; readonly country: string; readonly type: string | undefined }
  /** `unreadable`: not a number. `country`: not in the list, or none at all (satellite, +800). `type`: premium and the like. */
  | { readonly ok: false; readonly why: 'unreadable' | 'country' | 'type' };

/** Types that cost the sender, or that nobody reads texts on. */
const REFUSED_TYPES: ReadonlySet<string> = new Set([
  'PREMIUM_RATE',
  'TOLL_FREE',
  'SHARED_COST',
  'UAN',
  'PAGER',
  'VOICEMAIL',
  'PERSONAL_NUMBER',
]);

/** Reads what a person typed. The country comes from the whole number, never from the calling code: +1 is twenty-five countries. */
export async function readPhone(typed: unknown, rules: PhoneRules, country?: unknown): Promise<ReadPhone> {
  if (typeof typed !== 'string' || typed.length > 64) return { ok: false, why: 'unreadable' };
  const { parsePhoneNumberFromString, isSupportedCountry } = await import('libphonenumber-js/max');
  // Read in another country than the one that was meant, a number is a stranger's.
  const picked = isGiven(country) ? rules.countries.find((one) => one === country) : undefined;
  if (isGiven(country) && picked === undefined) return { ok: false, why: 'country' };
  const wanted = picked ?? rules.defaultCountry ?? rules.countries[0];
  const number = parsePhoneNumberFromString(typed.trim(), {
    extract: false,
    ...(wanted !== undefined && isSupportedCountry(wanted) ? { defaultCountry: wanted } : {}),
  });
  if (!number || number.ext || !number.isValid()) return { ok: false, why: 'unreadable' };
  if (!number.country || !rules.countries.includes(number.country)) return { ok: false, why: 'country' };
  const type = number.getType();
  if (type && REFUSED_TYPES.has(type)) return { ok: false, why: 'type' };
  return { ok: true, e164: number.number, country: number.country, type };
}

function isGiven(country: unknown): boolean {
  return country !== undefined && country !== null && country !== '';
}

/** `••••••••56`: the last two digits, the same length whatever the number. */
export function maskPhone(e164: string): string {
  return `••••••••${e164.slice(-2)}`;
}
