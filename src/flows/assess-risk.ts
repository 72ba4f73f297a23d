import type { NumberLookup } from '../core/number-lookup.js';
import { type RiskFacts, type RiskReason, type RiskSignal, type RiskThresholds, reasonOf } from '../policy/risk.js';
import { askInTime } from './ask-in-time.js';
import type { FlowDeps } from './deps.js';
import type { Lookups } from './look-up-number.js';

/** What the `risk` option has become. */
export interface RiskCheck {
  readonly signals: readonly RiskSignal[];
  readonly thresholds: RiskThresholds;
  /** Only recorded, and nothing done. */
  readonly dryRun: boolean;
  /** For each function of the host's. */
  readonly timeoutMs: number;
  readonly countryOf?: (ip: string) => string | undefined | Promise<string | undefined>;
  readonly lookup?: NumberLookup;
  readonly lookups: Lookups;
}

/** Asks every signal, at once. One that fails says nothing. */
export async function assessRisk(
  deps: Pick<FlowDeps, 'report'>,
  { signals, timeoutMs }: Pick<RiskCheck, 'signals' | 'timeoutMs'>,
  facts: RiskFacts,
): Promise<readonly RiskReason[]> {
  const { report } = deps;
  const said = await Promise.all(signals.map((signal) => askInTime(() => signal.look(facts), { timeoutMs, report })));
  return signals.flatMap((signal, place) => reasonOf(signal, said[place]) ?? []);
}
