/** Which carrier to ask first: the one whose codes that are answered cost least. */
import type { Cost } from './prices.js';

/** What is known of one carrier, channel and country. */
export interface TrackRecord {
  readonly sends: number;
  /** Right answers to them. */
  readonly right: number;
}

export interface Candidate<Name> {
  readonly name: Name;
  readonly cost: Cost;
  readonly record: TrackRecord;
}

/** A healthy rate, worth as much as twenty sends: a new carrier is neither best nor worst by its first code. */
const EXPECTED = 0.7;
const WEIGHT = 20;

/** The success rate, from above 0 to below 1. */
export function successRate({ sends, right }: TrackRecord): number {
  // Answers may be counted for sends of the day before.
  return (Math.min(right, sends) + EXPECTED * WEIGHT) / (sends + WEIGHT);
}

/** Millionths of the currency. */
export function costPerSuccess({ cost: { perSend, perSuccess }, record }: Omit<Candidate<unknown>, 'name'>): number {
  return perSend / successRate(record) + perSuccess;
}

/** Cheapest first; equals stay in the order given. */
export function cheapestFirst<Name>(candidates: readonly Candidate<Name>[]): readonly Name[] {
  return candidates.toSorted((a, b) => costPerSuccess(a) - costPerSuccess(b)).map(({ name }) => name);
}
