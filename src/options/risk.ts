/** The `risk` option: its defaults, bounds, and advice where they cannot work. */

import { type Duration, durationMs } from '../core/duration.js';
import { MfaError } from '../core/errors.js';
import type { NumberFacts, RiskCheck } from '../flows/assess-risk.js';
import { BUILT_IN } from '../policy/risk/signals.js';
import type { RiskSignal, RiskThresholds } from '../policy/risk.js';
import { type Expected, isAsExpected, kindOf, known } from './check-options.js';

type MaybePromise<T> = T | Promise<T>;

/** How risky a sign-in or a send looks, and what follows. `{}` takes the defaults; docs/risk.md has the reasons. */
export interface RiskOptions {
  /** From which score on each happens. Defaults: `captcha` 0.4 (at least 0.1), `stronger` 0.6 (at least 0.2), `refuse` 0.9 (at least 0.5). 1 is never reached: off. */
  readonly thresholds?: Partial<RiskThresholds>;
  /** Another weight for a signal, by its name: 0 (off) to 0.95. */
  readonly weights?: { readonly [signal: string]: number };
  /** Further signals of your own. */
  readonly signals?: readonly RiskSignal[];
  /** The country of an address, ISO 3166 alpha-2, where you can tell. */
  readonly countryOf?: (ip: string) => MaybePromise<string | undefined>;
  /** What is known of a phone number; asked before a send to it, once a day. */
  readonly lookup?: (number: string) => MaybePromise<NumberFacts | undefined>;
  /** Only write down (`risk.scored`) what would have happened. Default false. */
  readonly dryRun?: boolean;
  /** How long a function of yours may take before it counts as not knowing; default 1 s, at most 5. */
  readonly timeout?: Duration;
}

const KNOWN: Readonly<Record<keyof RiskOptions, Expected>> = {
  thresholds: 'object',
  weights: 'object',
  signals: 'own',
  countryOf: 'function',
  lookup: 'function',
  dryRun: 'flag',
  timeout: 'own',
};

/** Default and floor: lower, and what everybody does now and then would be enough. */
const THRESHOLDS: Readonly<Record<keyof RiskThresholds, readonly [preset: number, floor: number]>> = {
  captcha: [0.4, 0.1],
  stronger: [0.6, 0.2],
  refuse: [0.9, 0.5],
};

/** No single sign is proof. */
const HIGHEST_WEIGHT = 0.95;

export function readRisk(given: RiskOptions | undefined): RiskCheck | undefined {
  if (given === undefined) return undefined;
  if (!isAsExpected(given, 'object'))
    throw new MfaError('set_up', `createMfa: \`risk\` is ${kindOf(given)}, expected an object, as in \`risk: {}\`.`);
  known('createMfa: risk', given, KNOWN);
  const { countryOf, lookup, dryRun = false } = given;
  return {
    signals: readSignals(given),
    thresholds: readThresholds(given.thresholds),
    dryRun,
    timeoutMs: durationMs(given.timeout ?? '1s', 'risk.timeout', { max: '5s' }),
    ...(countryOf ? { countryOf } : {}),
    ...(lookup ? { lookup } : {}),
  };
}

function readThresholds(given: Partial<RiskThresholds> = {}): RiskThresholds {
  known('createMfa: risk.thresholds', given, { captcha: 'own', stronger: 'own', refuse: 'own' });
  const read = Object.fromEntries(
    Object.entries(THRESHOLDS).map(([name, [preset, floor]]) => [
      name,
      inBounds(`risk.thresholds.${name}`, given[name as keyof RiskThresholds] ?? preset, [floor, 1]),
    ]),
  ) as unknown as RiskThresholds;
  if (read.captcha <= read.stronger && read.stronger <= read.refuse) return read;
  throw new MfaError(
    'set_up',
    `createMfa: risk.thresholds: captcha (${read.captcha}) comes first, then stronger (${read.stronger}), then refuse (${read.refuse}).`,
  );
}

function readSignals({ weights = {}, signals = [] }: RiskOptions): readonly RiskSignal[] {
  if (!Array.isArray(signals)) throw new MfaError('set_up', 'createMfa: `risk.signals` is a list of signals.');
  for (const one of signals as readonly Partial<RiskSignal>[]) {
    if (typeof one?.look !== 'function' || !/^[a-z][a-z0-9-]{0,39}$/.test(String(one.name)))
      throw new MfaError(
        'set_up',
        "createMfa: each of `risk.signals` is { name: 'lower-case-words', weight: 0.3, look(facts) { … } }.",
      );
    inBounds(`risk.signals: the weight of '${one.name}'`, one.weight, [0, HIGHEST_WEIGHT]);
  }
  const all = [...BUILT_IN, ...signals];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined)
    throw new MfaError(
      'set_up',
      `createMfa: there are two signals '${twice}'. Weigh ours with \`risk.weights\`: 0 is off.`,
    );
  known('createMfa: risk.weights', weights, Object.fromEntries(names.map((name) => [name, 'own'])));
  return all
    .map((signal) => ({ signal, weight: weights[signal.name] ?? signal.weight }))
    .filter(({ signal, weight }) => inBounds(`risk.weights.${signal.name}`, weight, [0, HIGHEST_WEIGHT]) > 0)
    .map(({ signal, weight }) => ({ name: signal.name, weight, look: (facts) => signal.look(facts) }));
}

function inBounds(name: string, value: unknown, [least, most]: readonly [number, number]): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new MfaError('set_up', `createMfa: ${name} is ${String(value)}, expected a number from ${least} to ${most}.`);
}
