import type { NewEvent } from '../core/events.js';
import type { NumberFact, NumberLookup } from '../core/number-lookup.js';
import type { Write } from '../core/store.js';
import type { RequestFacts, Subject } from '../core/words.js';
import type { RiskFacts } from '../policy/risk.js';
import { askLookup, type LookupSaid } from './ask-lookup.js';
import type { FlowDeps } from './deps.js';
import {
  claimLookup,
  FACTS,
  factsFromElsewhere,
  factsLearnt,
  type KeptFacts,
  type KeptPlace,
  keptFacts,
  type LookupBudgets,
  placeOf,
} from './kept-lookups.js';
import { say, sayNow } from './say.js';

/** How the `risk` option wants numbers to be looked up. Durations in milliseconds. */
export interface Lookups extends LookupBudgets {
  readonly keepMs: Readonly<Record<NumberFact, number>>;
  readonly timeoutMs: number;
}

/** A number that a code is about to be sent to. */
export interface NumberToLookUp {
  readonly subject: Subject;
  readonly facts: RequestFacts;
  readonly number: string;
  readonly settingUp: boolean;
  /** What must hold for the visitor, or nothing is written: nothing is left of somebody who was forgotten meanwhile. */
  readonly holds: readonly Write[];
}

type Known = Pick<RiskFacts, 'line' | 'simSwappedAt'>;

/** Somebody who does not know today may know tomorrow; one who could not be asked, in a minute. */
const UNKNOWN_KEPT_MS = 24 * 60 * 60_000;
const FAILURE_KEPT_MS = 60_000;
const ROUNDS = 2;

/** What is known of a number, asked only for what is not known yet: each look costs money. Not knowing is an answer; only the store's errors are thrown. */
export async function lookUpNumber(
  deps: Pick<FlowDeps, 'store' | 'sealer' | 'clock' | 'report' | 'publish'>,
  { lookup, lookups }: { readonly lookup: NumberLookup; readonly lookups: Lookups },
  about: NumberToLookUp,
): Promise<Known> {
  const { number, settingUp, subject, holds } = about;
  const { timeoutMs } = lookups;
  const place = placeOf(deps, subject.owner, number);
  let known = await keptFacts(deps, place);
  // Another request may have asked for less.
  for (let round = 0; round < ROUNDS; round += 1) {
    const wanted = wantedOf(lookup, settingUp).filter((fact) => !known.has(fact));
    if (wanted.length === 0) break;
    const claimed = await claimLookup(deps, place, lookups, { wanted, settingUp, timeoutMs, holds });
    if (claimed === 'gone') break;
    if (claimed === 'mine') {
      const said = await askLookup(deps, lookup, { number, wanted, timeoutMs });
      return together(new Map([...known, ...(await keep(deps, about, lookups, { place, wanted, said }))]));
    }
    if (claimed === 'limited') {
      await sayNow(deps, about, [{ type: 'lookup.failed', wanted, why: 'limited' }]);
      break;
    }
    known = await factsFromElsewhere(deps, place, timeoutMs);
  }
  return together(known);
}

/** What a new SIM could take over is not there yet while a number is being set up. */
function wantedOf({ knows }: NumberLookup, settingUp: boolean): readonly NumberFact[] {
  return settingUp ? knows.filter((fact) => fact === 'line') : knows;
}

/** The answer, its end as a claim, and what is said of it: one step. */
async function keep(
  deps: Pick<FlowDeps, 'store' | 'clock' | 'publish'>,
  about: NumberToLookUp,
  lookups: Lookups,
  { place, wanted, said }: { place: KeptPlace; wanted: readonly NumberFact[]; said: LookupSaid },
): Promise<KeptFacts> {
  const answers = answersIn(said, wanted, lookups);
  const news = say(deps, about, newsOf(said, wanted));
  const writes = [...about.holds, ...factsLearnt(place, answers)];
  const done = await deps.store.commit(place.owner, { writes, log: news.rows });
  // It was paid for all the same, and stays on record.
  if (!done.ok) await deps.store.append(news.rows);
  deps.publish(news.events);
  return new Map(answers.map(({ fact, data }) => [fact, data] as const));
}

/** Nothing about a fact is kept too, and less long: it was paid for all the same. */
function answersIn(said: LookupSaid, wanted: readonly NumberFact[], { keepMs }: Lookups) {
  const unknownMs = said.why === undefined ? UNKNOWN_KEPT_MS : FAILURE_KEPT_MS;
  return FACTS.flatMap((fact) => {
    const data = said[fact];
    if (data) return [{ fact, data, ttlMs: keepMs[fact] }];
    return wanted.includes(fact) ? [{ fact, data: {}, ttlMs: Math.min(keepMs[fact], unknownMs) }] : [];
  });
}

function newsOf(said: LookupSaid, wanted: readonly NumberFact[]): readonly NewEvent[] {
  const { why } = said;
  const missing = wanted.filter((fact) => said[fact] === undefined);
  const made: NewEvent = { type: 'lookup.made', wanted, ...said.line, ...said['sim-swap'] };
  if (why === undefined || missing.length === 0) return [made];
  const failed: NewEvent = { type: 'lookup.failed', wanted: missing, why };
  return missing.length === wanted.length ? [failed] : [made, failed];
}

function together(found: KeptFacts): Known {
  const { line, simSwappedAt }: { line?: Known['line']; simSwappedAt?: number | null } = {
    ...found.get('line'),
    ...found.get('sim-swap'),
  };
  return {
    ...(line === undefined ? {} : { line }),
    ...(simSwappedAt === undefined ? {} : { simSwappedAt: simSwappedAt ?? Number.NEGATIVE_INFINITY }),
  };
}
