/** The `risk` option: its defaults, bounds, and advice where they cannot work. */

import { type Duration, durationMs } from '../core/duration.js';
import { MfaError } from '../core/errors.js';
import type { NumberFact, NumberFacts, NumberLookup } from '../core/number-lookup.js';
import type { RiskCheck } from '../flows/assess-risk.js';
import type { Lookups } from '../flows/look-up-number.js';
import { BUILT_IN } from '../policy/risk/signals.js';
import type { RiskSignal, RiskThresholds } from '../policy/risk.js';
import { count, type Expected, isAsExpected, kindOf, known } from './check-options.js';

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
  /** Who knows more of phone numbers than their plan: `twilioLookup({ client })`, `telnyxLookup({ apiKey })`, or a function of yours. Asked before a send. */
  readonly lookup?:
    | NumberLookup
    | ((...about: Parameters<NumberLookup['look']>) => MaybePromise<NumberFacts | undefined>);
  /** How often, and for how long its answers are kept. */
  readonly lookups?: LookupOptions;
  /** Only write down (`risk.scored`) what would have happened. Default false. */
  readonly dryRun?: boolean;
  /** How long a function of yours may take before it counts as not knowing; default 1 s, at most 5. */
  readonly timeout?: Duration;
}

/** Lookups cost money. What a limit or an error keeps from being known is unknown, and no reason to refuse. */
export interface LookupOptions {
  /** How long the type of a line is kept; default 30 d, from 1 h to 365 d. Numbers are ported now and then. */
  readonly keepLine?: Duration;
  /** How long the last change of the SIM is kept; default 1 h, at most 24 h. Whoever takes a number over uses it at once. */
  readonly keepSimSwap?: Duration;
  /** Lookups in 24 h for numbers that one user sets up; default 10, at most 1,000. */
  readonly perUserDay?: number;
  /** Lookups in 24 h for set-ups, and as many for sign-ins; default 1,000, at most 10,000,000. */
  readonly perDay?: number;
  /** How long a send waits for a lookup; default 2 s, at most 5. */
  readonly timeout?: Duration;
}

const KNOWN: Readonly<Record<keyof RiskOptions, Expected>> = {
  thresholds: 'object',
  weights: 'object',
  signals: 'own',
  countryOf: 'function',
  lookup: 'own',
  lookups: 'object',
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
    ...(lookup === undefined ? {} : { lookup: withoutUnused(readLookup(lookup), given) }),
    lookups: readLookups(given.lookups),
  };
}

const FACTS: readonly NumberFact[] = ['line', 'sim-swap'];

function readLookup(given: NonNullable<RiskOptions['lookup']>): NumberLookup {
  if (typeof given === 'function') return { knows: FACTS, look: async (...about) => await given(...about) };
  const { knows, look }: Partial<NumberLookup> = given ?? {};
  if (typeof look === 'function' && Array.isArray(knows) && knows.every((one) => FACTS.includes(one))) return given;
  throw new MfaError(
    'set_up',
    "createMfa: `risk.lookup` is none. Write `lookup: twilioLookup({ client })` with twilioLookup from 'express-mfa/twilio', or a function of the number.",
  );
}

/** Nobody pays for what nobody looks at. */
function withoutUnused(lookup: NumberLookup, { weights = {}, signals = [] }: RiskOptions): NumberLookup {
  if (weights['sim-swap'] !== 0 || signals.length > 0) return lookup;
  return { knows: lookup.knows.filter((fact) => fact !== 'sim-swap'), look: (...about) => lookup.look(...about) };
}

function readLookups(given: LookupOptions = {}): Lookups {
  const where = 'risk.lookups';
  known(`createMfa: ${where}`, given, {
    keepLine: 'own',
    keepSimSwap: 'own',
    perUserDay: 'own',
    perDay: 'own',
    timeout: 'own',
  });
  const { keepLine = '30d', keepSimSwap = '1h', perUserDay = 10, perDay = 1_000, timeout = '2s' } = given;
  return {
    keepMs: {
      line: durationMs(keepLine, `${where}.keepLine`, { min: '1h', max: '365d' }),
      'sim-swap': durationMs(keepSimSwap, `${where}.keepSimSwap`, { min: '1m', max: '24h' }),
    },
    perUserDay: count(`${where}.perUserDay`, perUserDay, 1_000),
    perDay: count(`${where}.perDay`, perDay, 10_000_000),
    timeoutMs: durationMs(timeout, `${where}.timeout`, { max: '5s' }),
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
