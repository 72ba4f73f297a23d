/** What was looked up of a user's numbers, and the right to look up what is missing: one of all processes asks. */
import { setTimeout as pause } from 'node:timers/promises';
import type { NumberFact } from '../core/number-lookup.js';
import type { PhoneType } from '../core/phone-numbers.js';
import type { Hit, Ref, StoredRecord, Write } from '../core/store.js';
import type { FlowDeps } from './deps.js';
import { taken } from './one-send.js';
import { fingerprint } from './places.js';

export const LOOKED_UP = 'looked-up';

/** What is kept of one fact; with nothing in it: not known. `null`: never, which JSON can say and `-Infinity` cannot. */
export type KeptFact =
  | { readonly line: PhoneType }
  | { readonly simSwappedAt: number | null }
  | Readonly<Record<never, never>>;

export type KeptFacts = ReadonlyMap<NumberFact, KeptFact>;

/** One number of one user. */
export interface KeptPlace {
  readonly owner: string;
  /** A keyed hash of the number. */
  readonly mark: string;
}

export interface LookupBudgets {
  readonly perUserDay: number;
  readonly perDay: number;
}

export const FACTS: readonly NumberFact[] = ['line', 'sim-swap'];
const DAY_MS = 24 * 60 * 60_000;
/** Longer than asking and writing down may take. */
const SLACK_MS = 2_000;
const LOOK_MS = 50;

/**
 * With the user, not with the number: how long an answer takes tells nobody whether somebody else has the number, and it goes with the user. The owner is in the hash, so that
 * nobody sees from the store who shares one.
 */
export function placeOf(deps: Pick<FlowDeps, 'sealer'>, owner: string, number: string): KeptPlace {
  return { owner, mark: fingerprint(deps, JSON.stringify(['lookup', owner, number])) };
}

export async function keptFacts({ store }: Pick<FlowDeps, 'store'>, { owner, mark }: KeptPlace): Promise<KeptFacts> {
  return factsIn(await store.read(owner, answersTo(mark)));
}

/** `elsewhere`: another request asks, or has just asked. `gone`: the visitor is. A place in the budgets is taken with it, and no answer gives it back. */
export async function claimLookup(
  { store }: Pick<FlowDeps, 'store'>,
  { owner, mark }: KeptPlace,
  { perUserDay, perDay }: LookupBudgets,
  about: {
    readonly wanted: readonly NumberFact[];
    readonly settingUp: boolean;
    readonly timeoutMs: number;
    readonly holds: readonly Write[];
  },
): Promise<'mine' | 'elsewhere' | 'limited' | 'gone'> {
  const id = askingId(mark);
  // Whoever types numbers must not use up what those need who sign in.
  const own: readonly Hit[] = about.settingUp
    ? [{ key: 'set-up-lookups-1d', limit: perUserDay, windowMs: DAY_MS }]
    : [];
  const mine = await store.commit(owner, {
    writes: [
      ...about.holds,
      { do: 'put', kind: LOOKED_UP, id, data: null, ttlMs: about.timeoutMs + SLACK_MS, if: 'absent' },
    ],
    hits: own,
    reads: answersTo(mark),
  });
  if (!mine.ok && mine.reason === 'limit') return 'limited';
  if (!mine.ok) return mine.index < about.holds.length ? 'gone' : 'elsewhere';
  const known = factsIn(mine.records);
  const all: Hit = { key: `all-1d-${about.settingUp ? 'set-up-' : ''}lookups`, limit: perDay, windowMs: DAY_MS };
  const isAnswered = about.wanted.every((fact) => known.has(fact));
  if (!isAnswered && (await store.commit('lookups', { hits: [all] })).ok) return 'mine';
  await store.commit(owner, {
    writes: [{ do: 'delete', kind: LOOKED_UP, id }],
    counters: mine.counts.map(taken),
  });
  return isAnswered ? 'elsewhere' : 'limited';
}

/** Waits for the request that asks; what it learnt, if anything. */
export async function factsFromElsewhere(
  deps: Pick<FlowDeps, 'store'>,
  { owner, mark }: KeptPlace,
  timeoutMs: number,
): Promise<KeptFacts> {
  for (let waited = 0; waited < timeoutMs + SLACK_MS; waited += LOOK_MS) {
    const [[asking] = []] = await deps.store.read(owner, [{ kind: LOOKED_UP, id: askingId(mark) }]);
    if (!asking) break;
    await pause(LOOK_MS);
  }
  return await keptFacts(deps, { owner, mark });
}

/** For the commit that writes an answer down: the claim ends with it. */
export function factsLearnt(
  { mark }: KeptPlace,
  answers: readonly { readonly fact: NumberFact; readonly data: KeptFact; readonly ttlMs: number }[],
): readonly Write[] {
  return [
    { do: 'delete', kind: LOOKED_UP, id: askingId(mark) },
    ...answers.map(
      ({ fact, data, ttlMs }): Write => ({ do: 'put', kind: LOOKED_UP, id: answerId(fact, mark), data, ttlMs }),
    ),
  ];
}

function answersTo(mark: string): readonly Ref[] {
  return FACTS.map((fact) => ({ kind: LOOKED_UP, id: answerId(fact, mark) }));
}

function factsIn(found: readonly (readonly StoredRecord[])[]): KeptFacts {
  return new Map(
    FACTS.flatMap((fact, place) => (found[place] ?? []).map(({ data }) => [fact, data as KeptFact] as const)),
  );
}

function answerId(fact: NumberFact, mark: string): string {
  return `${fact}:${mark}`;
}

function askingId(mark: string): string {
  return `asking:${mark}`;
}
