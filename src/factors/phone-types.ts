import { MfaError } from '../core/errors.js';
import { PHONE_TYPES, type PhoneType } from '../core/phone-numbers.js';

type Types = readonly PhoneType[];

export type PhoneTypesOption = Types | { readonly [country: string]: Types };

/** Which types of number are sent to, by country. Throws `MfaError` (`set_up`) with advice. */
export function readPhoneTypes(
  kind: string,
  given: PhoneTypesOption,
  countries: readonly string[],
): (country: string) => Types {
  if (isList(given)) {
    requireTypes(kind, given);
    return () => given;
  }
  if (typeof given !== 'object' || given === null) throw mistake(kind, 'is neither a list nor lists by country');
  const byCountry = new Map(Object.entries(given));
  for (const [country, types] of byCountry) {
    if (country !== 'other' && !countries.includes(country))
      throw mistake(kind, `names ${country}, which is not in \`countries\``);
    requireTypes(kind, types);
  }
  const missing = countries.find((country) => !byCountry.has(country));
  if (missing !== undefined && !byCountry.has('other'))
    throw mistake(kind, `says nothing of ${missing}; add it, or \`other\``);
  return (country) => byCountry.get(country) ?? byCountry.get('other') ?? [];
}

function isList(given: Parameters<typeof readPhoneTypes>[1]): given is Types {
  return Array.isArray(given);
}

function requireTypes(kind: string, types: unknown): void {
  if (!Array.isArray(types) || types.length === 0) throw mistake(kind, 'has an empty list');
  const stranger: unknown = types.find((one) => !PHONE_TYPES.includes(one as PhoneType));
  if (stranger !== undefined) throw mistake(kind, `has ${String(stranger)}, which is never sent to or unknown`);
}

function mistake(kind: string, what: string): MfaError {
  return new MfaError(
    'set_up',
    `${kind}: \`types\` ${what}. It is a list of ${PHONE_TYPES.map((one) => `'${one}'`).join(', ')}, or such lists by country: \`{ US: ['mobile-or-landline', 'voip'], other: ['mobile'] }\`.`,
  );
}
