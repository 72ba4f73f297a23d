/** How often the codes of a carrier are answered, by channel and country; and the right answers that all of it is measured by. */

import type { Channel } from '../core/delivery.js';
import type { Factor } from '../core/factor.js';
import type { Hit, Json } from '../core/store.js';
import type { Hop, Subject } from '../core/words.js';
import { cheapestFirst, type TrackRecord } from '../policy/carrier-order.js';
import { costOf } from '../policy/prices.js';
import { rightAnswer } from '../policy/toll-fraud.js';
import { factorContext } from './account.js';
import type { Lane } from './carrier-breakers.js';
import type { FlowDeps } from './deps.js';
import { SENDS_OWNER } from './one-send.js';
import { scopesOf } from './places.js';

const DAY = 24 * 3_600_000;
/** What was read may be so old: a rate does not change in seconds. */
const FRESH_MS = 10_000;

/** One code, and who brought it. */
export interface AnsweredCode {
  readonly subject: Subject;
  readonly enrolment: { readonly id: string; readonly data: Json };
  readonly settingUp: boolean;
  readonly channel: Channel;
  readonly sentAt: number;
  readonly hops?: readonly Hop[];
}

/** Counted in the same commit as the budgets: the carrier that is asked first. */
export function sendTried(
  deps: FlowDeps,
  send: Lane & { readonly carriers: readonly (string | undefined)[] },
  at: number,
): readonly Hit[] {
  const [carrier] = send.carriers;
  return deps.carrierOrder === 'cost' && carrier !== undefined ? [hitOf('tried', send, carrier, at)] : [];
}

/** A code was answered rightly. Nobody signing in waits for that, and nobody is refused for it. */
export function answeredRightly(deps: FlowDeps, factor: Factor, code: AnsweredCode): void {
  void counted(deps, factor, code).catch(() => undefined);
}

async function counted(deps: FlowDeps, factor: Factor, code: AnsweredCode): Promise<void> {
  const { subject, enrolment, settingUp, channel, sentAt, hops = [] } = code;
  const to = await factor.sending?.(enrolment.data, factorContext(deps, subject, enrolment.id));
  if (!to) return;
  const carrier = hops.findLast(({ sent }) => sent !== 'no')?.carrier;
  const lane = { channel, ...(to.country === undefined ? {} : { country: to.country }) };
  const hits = [
    ...scopesOf(deps, to).map((scope) => rightAnswer(scope, settingUp, sentAt)),
    ...(deps.carrierOrder === 'cost' && carrier !== undefined ? [hitOf('right-by', lane, carrier, sentAt)] : []),
  ];
  if (hits.length > 0) await deps.store.commit(SENDS_OWNER, { hits });
}

const read = new WeakMap<
  FlowDeps['store'],
  Map<string, { readonly at: number; readonly records: readonly TrackRecord[] }>
>();

/** The carriers by what an answered code of theirs costs; as they were given where that is not wanted, or there is but one. */
export async function inOrder(
  deps: Pick<FlowDeps, 'store' | 'clock' | 'prices' | 'carrierOrder'>,
  lane: Lane,
  to: string,
  carriers: readonly string[],
): Promise<readonly string[]> {
  const { prices } = deps;
  if (deps.carrierOrder !== 'cost' || !prices || carriers.length < 2) return carriers;
  const at = deps.clock();
  const records = await recordsOf(deps, lane, carriers, at);
  const none: TrackRecord = { sends: 0, right: 0 };
  return cheapestFirst(
    carriers.map((name, place) => ({
      name,
      cost: costOf(prices, { ...lane, carrier: name, to, at }),
      record: records[place] ?? none,
    })),
  );
}

/** Of today and yesterday. */
async function recordsOf(
  { store }: Pick<FlowDeps, 'store'>,
  lane: Lane,
  carriers: readonly string[],
  at: number,
): Promise<readonly TrackRecord[]> {
  const known = read.get(store) ?? new Map();
  read.set(store, known);
  const id = [lane.channel, lane.country ?? '-', ...carriers].join(' ');
  const before = known.get(id);
  if (before && Math.abs(at - before.at) < FRESH_MS) return before.records;
  const hits = carriers.flatMap((carrier) =>
    (['tried', 'right-by'] as const).flatMap((what) =>
      [at, at - DAY].map((day): Hit => ({ ...hitOf(what, lane, carrier, day), peek: true })),
    ),
  );
  const done = await store.commit(SENDS_OWNER, { hits });
  const counts = done.ok ? done.counts.map(({ count }) => count) : [];
  const records = carriers.map((_, place): TrackRecord => {
    const [today = 0, yesterday = 0, right = 0, rightYesterday = 0] = counts.slice(place * 4, place * 4 + 4);
    return { sends: today + yesterday, right: right + rightYesterday };
  });
  known.set(id, { at, records });
  return records;
}

function hitOf(what: 'tried' | 'right-by', { channel, country = '-' }: Lane, carrier: string, at: number): Hit {
  const key = `${what}:${carrier}.${channel}.${country}:${Math.floor(at / DAY)}`;
  return { key, limit: Number.MAX_SAFE_INTEGER, windowMs: 3 * DAY };
}
