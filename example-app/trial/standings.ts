/** How the trial carriers have done within a day: what they took, what arrived, what was answered, and what it cost. */
import type { Channel, Mfa, MfaEvent } from '../../src/index.js';
import type { AppDatabase } from '../storage/database.js';
import { isTaken, type Outcome, TRIAL_CARRIERS, type TrialCarrier } from './carriers.js';
import { examplePrice } from './prices.js';

export interface Standing {
  readonly carrier: TrialCarrier;
  readonly taken: number;
  readonly delivered: number;
  readonly undelivered: number;
  /** Codes that somebody typed in rightly. */
  readonly answered: number;
  /** US dollars. */
  readonly spent: number;
}

export interface Standings {
  readonly carriers: readonly Standing[];
  /** US dollars, by country of the numbers. */
  readonly spent: Readonly<Record<string, number>>;
}

const NEWEST = 500;

/** Messages that went the same way. */
interface Tally {
  readonly carrier: string;
  readonly country: string;
  readonly told: string | undefined;
  readonly count: number;
  readonly cost: number;
}

export async function standings(database: AppDatabase, { api }: Mfa): Promise<Standings> {
  const types = ['challenge.sent', 'challenge.passed', 'factor.added', 'factor.replaced'] as const;
  const [tallies, { events }] = await Promise.all([talliesOf(database), api.audit.search({ types, limit: NEWEST })]);
  const answered = answeredBy(events.toReversed());
  return {
    carriers: TRIAL_CARRIERS.map((carrier) => {
      const own = tallies.filter((one) => one.carrier === carrier);
      const told = (state: string) => sum(own.filter((one) => one.told === state).map(({ count }) => count));
      return {
        carrier,
        taken: sum(own.map(({ count }) => count)),
        delivered: told('delivered'),
        undelivered: told('undelivered'),
        answered: answered.filter((one) => one === carrier).length,
        spent: sum(own.map(({ cost }) => cost)),
      };
    }),
    spent: Object.fromEntries(
      [...new Set(tallies.map(({ country }) => country))].map((place) => [
        place,
        sum(tallies.filter(({ country }) => country === place).map(({ cost }) => cost)),
      ]),
    ),
  };
}

async function talliesOf(database: AppDatabase): Promise<readonly Tally[]> {
  const rows = await database.rows(
    `SELECT carrier, outcome, channel, country, told, COUNT(*) AS count FROM letters
     WHERE carrier IS NOT NULL GROUP BY carrier, outcome, channel, country, told`,
  );
  return rows
    .filter(({ outcome }) => isTaken(outcome as Outcome))
    .map(({ carrier, channel, country, told, count }) => {
      const where = country === null ? undefined : String(country);
      const price = examplePrice(String(carrier), channel as Channel, where) ?? 0;
      return {
        carrier: String(carrier),
        country: where ?? 'other',
        told: told === null ? undefined : String(told),
        count: Number(count),
        cost: Number(count) * price,
      };
    });
}

/** The carrier of each code that was answered; `events` oldest first. */
function answeredBy(events: readonly MfaEvent[]): readonly string[] {
  const waiting = new Map<string, string | undefined>();
  return events.flatMap((event) => {
    if (!('enrolmentId' in event)) return [];
    if (event.type === 'challenge.sent') {
      waiting.set(event.enrolmentId, event.carriers?.at(-1));
      return [];
    }
    const carrier = waiting.get(event.enrolmentId);
    waiting.delete(event.enrolmentId);
    return carrier ?? [];
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
