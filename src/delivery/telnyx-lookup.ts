import { field } from '../core/field.js';
import { refuseUnknownOptions } from '../core/known-options.js';
import type { NumberLookup } from '../core/number-lookup.js';
import type { PhoneType } from '../core/phone-numbers.js';
import { type TelnyxAccount, telnyxCalls } from './telnyx-call.js';

export type TelnyxLookupOptions = TelnyxAccount;

/** What is not here is refused by its country's plan before anybody is asked, or not known. */
const LINES: ReadonlyMap<unknown, PhoneType> = new Map<unknown, PhoneType>([
  ['mobile', 'mobile'],
  ['fixed line', 'landline'],
  ['fixed line or mobile', 'mobile-or-landline'],
  ['voip', 'voip'],
  ['personal number', 'personal'],
]);

/** What Telnyx' Number Lookup knows of a line, for `risk.lookup`; of SIM cards it knows nothing. Throws `MfaError` (`set_up`) for options that cannot work; a lookup never throws. */
export function telnyxLookup(options: TelnyxLookupOptions): NumberLookup {
  const who = 'telnyxLookup';
  refuseUnknownOptions(who, options, ['apiKey', 'baseUrl']);
  const call = telnyxCalls(who, options);
  return {
    knows: ['line'],
    async look(number, context) {
      if (!context.wanted.includes('line')) return {};
      const answer = await call(`/number_lookup/${encodeURIComponent(number)}?type=carrier`, undefined, context);
      if (!answer.ok) return { why: answer.failure.why };
      const line = LINES.get(field(field(answer.data, 'carrier'), 'type'));
      return line === undefined ? {} : { line };
    },
  };
}
