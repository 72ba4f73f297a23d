/** The port of somebody who knows phone numbers: asked before a send, and paid for each time. */
import type { CallContext, FailureClass } from './delivery.js';
import type { PhoneType } from './phone-numbers.js';

/** What can be asked of a number. */
export type NumberFact = 'line' | 'sim-swap';

/** What is known of a number. What is left out is not known, and never a reason to refuse. */
export interface NumberFacts {
  /** Milliseconds since 1970, or a date; null where the SIM was never changed. */
  readonly simSwappedAt?: number | Date | null;
  /** Better than the plan knows: the plan of +1 does not tell mobile numbers from landlines. */
  readonly line?: PhoneType;
  /** Why something that was wanted is missing, where asking failed. Left out where nobody knows. */
  readonly why?: FailureClass;
}

export interface LookupContext extends CallContext {
  /** Now, in milliseconds since 1970. */
  readonly at: number;
  /** Only these are needed now; each may cost money. */
  readonly wanted: readonly NumberFact[];
}

export interface NumberLookup {
  /** What it can tell; nothing else is asked of it. */
  readonly knows: readonly NumberFact[];
  /** `number` is E.164. What it throws counts as not knowing. */
  look(number: string, about: LookupContext): Promise<NumberFacts | undefined>;
}
