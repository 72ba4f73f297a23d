import { FAILURE_CLASSES, type FailureClass } from '../core/delivery.js';
import { field } from '../core/field.js';
import type { NumberFact, NumberLookup } from '../core/number-lookup.js';
import { PHONE_TYPES, type PhoneType } from '../core/phone-numbers.js';
import { askInTime } from './ask-in-time.js';
import type { FlowDeps } from './deps.js';

/** What somebody who knows numbers said, as far as it can be used. */
export interface LookupSaid {
  readonly line?: { readonly line: PhoneType };
  readonly 'sim-swap'?: { readonly simSwappedAt: number | null };
  /** Why something is missing, where that was a failure. */
  readonly why?: FailureClass;
}

/** Never throws, and never takes longer than it may. */
export async function askLookup(
  { report, clock }: Pick<FlowDeps, 'report' | 'clock'>,
  lookup: NumberLookup,
  about: { readonly number: string; readonly wanted: readonly NumberFact[]; readonly timeoutMs: number },
): Promise<LookupSaid> {
  const { number, wanted, timeoutMs } = about;
  const ending = new AbortController();
  let isAnswered = false;
  const look = async () => {
    try {
      return await lookup.look(number, { wanted, at: clock(), signal: ending.signal });
    } finally {
      isAnswered = true;
    }
  };
  const said: unknown = await askInTime(look, { timeoutMs, report });
  ending.abort();
  if (typeof said === 'object' && said !== null) return understood(said);
  return { why: isAnswered ? 'unavailable' : 'timeout' };
}

/** A lookup of the host's own may say anything. */
function understood(said: object): LookupSaid {
  const line = field(said, 'line');
  const swapped = field(said, 'simSwappedAt');
  const at = swapped instanceof Date ? swapped.getTime() : swapped;
  const given = field(said, 'why');
  const why = FAILURE_CLASSES.find((one) => one === given);
  return {
    ...(isPhoneType(line) ? { line: { line } } : {}),
    ...(at === null || isTime(at) ? { 'sim-swap': { simSwappedAt: at } } : {}),
    ...(why === undefined ? {} : { why }),
  };
}

function isPhoneType(value: unknown): value is PhoneType {
  return PHONE_TYPES.some((type) => type === value);
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
