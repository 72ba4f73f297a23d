import type { FailureClass } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { NumberFact, NumberFacts, NumberLookup } from '../core/number-lookup.js';
import type { PhoneType } from '../core/phone-numbers.js';
import { requireTwilioClient } from './twilio-client.js';
import { askTwilio } from './twilio-request.js';

/** The part of the official SDK's client (`twilio` 5 and 6) that is used here. */
export interface TwilioLookupClient {
  readonly lookups: {
    readonly v2: { phoneNumbers(number: string): { fetch(params: { fields: string }): Promise<unknown> } };
  };
}

export interface TwilioLookupOptions {
  /** `twilio(accountSid, authToken, { autoRetry: false })`: a repeated lookup is paid for twice. */
  readonly client: TwilioLookupClient;
  /** What is asked and paid for. Default both; SIM swap must be enabled for the account by Twilio. */
  readonly facts?: readonly NumberFact[];
}

/** The names of the packages in `Fields`. */
const PACKAGES: Readonly<Record<NumberFact, string>> = { line: 'line_type_intelligence', 'sim-swap': 'sim_swap' };
const ALL: readonly NumberFact[] = ['line', 'sim-swap'];

/**
 * https://www.twilio.com/docs/lookup/v2-api/line-type-intelligence. A fixed line over the internet belongs to an address, as a landline does. The others (toll-free, premium,
 * pagers ...) are refused by their country's plan before anybody is asked.
 */
const LINES: ReadonlyMap<unknown, PhoneType> = new Map<unknown, PhoneType>([
  ['mobile', 'mobile'],
  ['landline', 'landline'],
  ['fixedVoip', 'landline'],
  ['nonFixedVoip', 'voip'],
  ['personal', 'personal'],
]);

/** Errors of a package that the operator can do something about; all others say that nobody knows. https://www.twilio.com/docs/api/errors/60606 */
const SET_UP_CODES = [60601, 60606, 60614, 60619];

/** What Twilio Lookup (v2) knows of a number, for `risk.lookup`. Throws `MfaError` (`set_up`) for options that cannot work; a lookup never throws. */
export function twilioLookup(options: TwilioLookupOptions): NumberLookup {
  const who = 'twilioLookup';
  refuseUnknownOptions(who, options, ['client', 'facts']);
  const { client, facts: knows = ALL } = options;
  requireTwilioClient(who, client, 'lookups');
  if (!Array.isArray(knows) || knows.length === 0 || !knows.every((fact) => ALL.includes(fact)))
    throw new MfaError('set_up', `${who}: \`facts\` is not a list of 'line' and 'sim-swap'.`);
  return {
    knows,
    async look(number, { wanted, signal, at }) {
      const fields = ALL.filter((fact) => knows.includes(fact) && wanted.includes(fact));
      if (fields.length === 0) return {};
      const asked = { fields: fields.map((fact) => PACKAGES[fact]).join(',') };
      const said = await askTwilio(() => client.lookups.v2.phoneNumbers(number).fetch(asked), { signal });
      return said.ok ? factsIn(said.answer, at) : { why: said.failure.why };
    },
  };
}

function factsIn(answer: unknown, now: number): NumberFacts {
  const line = either(answer, 'lineTypeIntelligence', 'line_type_intelligence');
  const swap = either(answer, 'simSwap', 'sim_swap');
  const type = LINES.get(field(line, 'type'));
  const why = whyOf(line) ?? whyOf(swap);
  return {
    ...(type === undefined ? {} : { line: type }),
    ...simSwapIn(swap, now),
    ...(why === undefined ? {} : { why }),
  };
}

/** Some countries give the date, others only whether it was within the period that was agreed on: then, at the latest, now. */
function simSwapIn(swap: unknown, now: number): Pick<NumberFacts, 'simSwappedAt'> {
  const last = either(swap, 'lastSimSwap', 'last_sim_swap');
  const date = either(last, 'lastSimSwapDate', 'last_sim_swap_date');
  const at = date instanceof Date ? date : typeof date === 'string' ? new Date(date) : undefined;
  if (at && Number.isFinite(at.getTime())) return { simSwappedAt: at };
  const recently = either(last, 'swappedInPeriod', 'swapped_in_period');
  return recently === true ? { simSwappedAt: now } : recently === false ? { simSwappedAt: null } : {};
}

function whyOf(of: unknown): FailureClass | undefined {
  return SET_UP_CODES.includes(Number(either(of, 'errorCode', 'error_code'))) ? 'config' : undefined;
}

/** The SDK names fields its own way on the first level only, version 5 of it not even there. */
function either(of: unknown, name: string, wireName: string): unknown {
  return field(of, name) ?? field(of, wireName);
}
