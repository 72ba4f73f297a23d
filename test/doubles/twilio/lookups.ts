import { isE164, notFound, type Reply, refusal } from './wire.js';

/** What a package of Lookup says of a number. */
export interface KnownNumber {
  /** `mobile`, `nonFixedVoip` ...; null: nobody knows. */
  readonly line?: string | null;
  /** A date; whether it was within the period; null: the carrier does not say. */
  readonly simSwap?: string | boolean | null;
  /** Of a package, where it could not answer. */
  readonly errors?: { readonly line?: number; readonly simSwap?: number };
}

const PACKAGES =
  'validation caller_name sim_swap call_forwarding line_status line_type_intelligence identity_match reassigned_number sms_pumping_risk phone_number_quality_score pre_fill'.split(
    ' ',
  );
const FIELDS =
  'Fields CountryCode FirstName LastName AddressLine1 AddressLine2 City State PostalCode AddressCountryCode NationalId DateOfBirth LastVerifiedDate VerificationSid PartnerSubId'.split(
    ' ',
  );

/** Lookup v2: a number, and each package that `Fields` asks and that is paid for. */
export function lookups(url: string, known: ReadonlyMap<string, KnownNumber>) {
  return function handle(path: string, query: URLSearchParams): Reply {
    const [, written] = /^\/v2\/PhoneNumbers\/([^/]+)$/.exec(path) ?? [];
    if (written === undefined) return notFound(path);
    const number = decodeURIComponent(written);
    const asked = query.get('Fields')?.split(',') ?? [];
    const stray =
      [...query.keys()].find((name) => !FIELDS.includes(name)) ?? asked.find((one) => !PACKAGES.includes(one));
    if (stray !== undefined) return refusal(400, 20001, `Invalid field ${stray}`);
    const isValid = isE164(number);
    const one = known.get(number) ?? {};
    const empty = Object.fromEntries(PACKAGES.slice(1).map((name) => [name, null]));
    return {
      status: 200,
      body: {
        calling_country_code: isValid ? '1' : null,
        country_code: isValid ? 'US' : null,
        phone_number: number,
        national_format: isValid ? number.slice(2) : null,
        valid: isValid,
        validation_errors: isValid ? [] : ['NOT_A_NUMBER'],
        ...empty,
        ...(asked.includes('line_type_intelligence') && one.line !== null
          ? { line_type_intelligence: lineOf(one) }
          : {}),
        ...(asked.includes('sim_swap') && one.simSwap !== null ? { sim_swap: simSwapOf(one) } : {}),
        url: `${url}/v2/PhoneNumbers/${number}`,
      },
    };
  };
}

function lineOf({ line = 'mobile', errors }: KnownNumber) {
  const carrier = { mobile_country_code: '310', mobile_network_code: '260', carrier_name: 'A Carrier' };
  if (errors?.line !== undefined) return { error_code: errors.line };
  return { ...carrier, type: line, error_code: null };
}

function simSwapOf({ simSwap = false, errors }: KnownNumber) {
  if (errors?.simSwap !== undefined) return { last_sim_swap: null, error_code: errors.simSwap };
  const last_sim_swap =
    typeof simSwap === 'string'
      ? { last_sim_swap_date: simSwap, swapped_period: 'PT48H', swapped_in_period: true }
      : { last_sim_swap_date: null, swapped_period: 'PT24H', swapped_in_period: simSwap };
  return {
    last_sim_swap,
    carrier_name: 'A Carrier',
    mobile_country_code: '310',
    mobile_network_code: '260',
    error_code: null,
  };
}
