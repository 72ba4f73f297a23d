/** How each carrier has done lately, as far as this process has seen: from what it was asked anyway, never by asking it. */
import type { Channel } from '../core/delivery.js';
import type { CarrierOutcome } from '../policy/failover.js';

export interface SeenDelivery {
  /** The delivery's own name: `twilio-verify`. */
  readonly name: string;
  readonly channel: Channel;
  /** By the newest call; `unknown` before the first. A number that a carrier turned down is not its failure. */
  readonly state: 'ok' | 'failing' | 'unknown';
  /** Calls of the last fifteen minutes. */
  readonly ok: number;
  readonly failed: number;
  /** Milliseconds since 1970, of the newest call. */
  readonly lastAt?: number;
}

export interface DeliveryWatch {
  note(channel: Channel, name: string, outcome: CarrierOutcome): void;
  seen(): readonly SeenDelivery[];
}

const MINUTE_MS = 60_000;
const MINUTES = 15;
/** Names come from the host's own code, so there are few; a delivery that makes them up must not fill the memory. */
const MOST_DELIVERIES = 100;

interface Record {
  readonly name: string;
  readonly channel: Channel;
  state: SeenDelivery['state'];
  lastAt?: number;
  /** One entry for each minute with calls, oldest first. */
  minutes: { readonly minute: number; ok: number; failed: number }[];
}

/** `known` are listed from the beginning, the others from their first call on. */
export function createDeliveryWatch(
  clock: () => number,
  known: readonly { readonly channel: Channel; readonly name: string }[],
): DeliveryWatch {
  const records = new Map<string, Record>();
  const keyOf = (channel: Channel, name: string) => JSON.stringify([channel, name]);
  for (const { channel, name } of known) {
    records.set(keyOf(channel, name), { name, channel, state: 'unknown', minutes: [] });
  }

  const recent = ({ minutes }: Record) => minutes.filter(({ minute }) => minute > minuteAt(clock()) - MINUTES);

  return {
    note(channel, name, outcome) {
      const key = keyOf(channel, name);
      const record = records.get(key) ?? { name, channel, state: 'unknown', minutes: [] };
      if (!records.has(key) && records.size >= MOST_DELIVERIES) return;
      records.set(key, record);
      const failed = outcome === 'fault' || outcome === 'fatal';
      record.state = failed ? 'failing' : 'ok';
      record.lastAt = clock();
      record.minutes = recent(record);
      const minute = minuteAt(record.lastAt);
      const last = record.minutes.at(-1);
      const now = last?.minute === minute ? last : { minute, ok: 0, failed: 0 };
      if (now !== last) record.minutes.push(now);
      if (failed) now.failed += 1;
      else now.ok += 1;
    },
    seen: () =>
      [...records.values()].map((record) => ({
        name: record.name,
        channel: record.channel,
        state: record.state,
        ok: sum(recent(record).map(({ ok }) => ok)),
        failed: sum(recent(record).map(({ failed }) => failed)),
        ...(record.lastAt === undefined ? {} : { lastAt: record.lastAt }),
      })),
  };
}

function minuteAt(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
