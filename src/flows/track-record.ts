/**
 * How often the codes of a carrier are answered, by channel and country; and the right answers that all of it is measured by. Carriers are judged by codes that
 * somebody signing in had asked for, never by set-ups, where anybody may type a number that does not answer.
 */

import type { Channel } from '../core/delivery.js';
import { mailboxOf } from '../core/email-addresses.js';
import type { Factor } from '../core/factor.js';
import type { Hit, Json } from '../core/store.js';
import type { Hop, Subject } from '../core/words.js';

import { type Candidate, cheapestFirst, costPerSuccess, type TrackRecord } from '../policy/carrier-order.js';
import { costOf, type Prices } from '../policy/prices.js';
import { answerMark, rightAnswer } from '../policy/toll-fraud.js';
import { factorContext } from './account.js';
import type { Lane } from './carrier-breakers.js';
import type { FlowDeps } from './deps.js';
import { type RoutedSend, SENDS_OWNER } from './one-send.js';
import { fingerprint, prefixOf, scopesOf } from './places.js';

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

function isCounted({ carrierOrder, channelOrder }: Pick<FlowDeps, 'carrierOrder' | 'channelOrder'>): boolean {
  return carrierOrder === 'cost' || channelOrder === 'cost';
}

/** Counted in the same commit as the budgets: the carrier that is asked first. */
export function sendTried(deps: FlowDeps, send: RoutedSend, at: number): readonly Hit[] {
  const [carrier] = send.carriers;
  if (!isCounted(deps) || carrier === undefined || send.lockedBy === undefined) return [];
  return [hitOf('tried', send, carrier, at), hitOf('open', send, carrier, at, deps.limits.codeTtlMs)];
}

/** Its carrier says that the code did not arrive: it counts as not answered, before its time is over. */
export async function sendLost(deps: FlowDeps, lane: Lane, carrier: string, sentAt: number): Promise<void> {
  if (!isCounted(deps)) return;
  const hits = [hitOf('settled', lane, carrier, sentAt, deps.limits.codeTtlMs)];
  await deps.store.commit(SENDS_OWNER, { hits });
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
  const places = scopesOf(deps.limits, { ...to, prefix: prefixOf(deps, to.to) }).map((scope) =>
    rightAnswer(scope, settingUp, sentAt),
  );
  const mark = answerMark(fingerprint(deps, mailboxOf(to.to)), settingUp, sentAt);
  if (places.length > 0) await deps.store.commit(SENDS_OWNER, { writes: [mark], hits: places });
  if (!isCounted(deps) || carrier === undefined || settingUp) return;
  const settled = hitOf('settled', lane, carrier, sentAt, deps.limits.codeTtlMs);
  await deps.store.commit(SENDS_OWNER, { hits: [hitOf('right-by', lane, carrier, sentAt), settled] });
}

const read = new WeakMap<
  FlowDeps['store'],
  Map<string, { readonly at: number; readonly records: readonly TrackRecord[] }>
>();

/** The carriers by what an answered code of theirs costs; as they were given where that is not wanted, or there is but one. */
export async function inOrder(
  deps: Pick<FlowDeps, 'store' | 'clock' | 'prices' | 'carrierOrder' | 'limits'>,
  lane: Lane,
  to: string,
  carriers: readonly string[],
): Promise<readonly string[]> {
  const { prices } = deps;
  if (deps.carrierOrder !== 'cost' || !prices || carriers.length < 2) return carriers;
  return cheapestFirst(await candidates({ ...deps, prices }, lane, to, carriers));
}

/** What an answered code costs by the one of the carriers that is asked first, in millionths; undefined where nobody wants to know, or there is no carrier. */
export async function costOfFirst(
  deps: Pick<FlowDeps, 'store' | 'clock' | 'prices' | 'carrierOrder' | 'channelOrder' | 'limits'>,
  lane: Lane,
  to: string,
  carriers: readonly string[],
): Promise<number | undefined> {
  const { prices } = deps;
  if (deps.channelOrder !== 'cost' || !prices || carriers.length === 0) return undefined;
  const asked = deps.carrierOrder === 'cost' ? carriers : carriers.slice(0, 1);
  return Math.min(...(await candidates({ ...deps, prices }, lane, to, asked)).map(costPerSuccess));
}

async function candidates(
  deps: Pick<FlowDeps, 'store' | 'clock' | 'limits'> & { readonly prices: Prices },
  lane: Lane,
  to: string,
  carriers: readonly string[],
): Promise<readonly Candidate<string>[]> {
  const at = deps.clock();
  const records = await recordsOf(deps, lane, carriers, at);
  const none: TrackRecord = { sends: 0, right: 0 };
  return carriers.map((name, place) => ({
    name,
    cost: costOf(deps.prices, { ...lane, carrier: name, to, at }),
    record: records[place] ?? none,
  }));
}

/** Of today and yesterday, without the codes that may still be answered: in a rush they would all count against who is asked. */
async function recordsOf(
  { store, limits }: Pick<FlowDeps, 'store' | 'limits'>,
  lane: Lane,
  carriers: readonly string[],
  at: number,
): Promise<readonly TrackRecord[]> {
  const known = read.get(store) ?? new Map();
  read.set(store, known);
  const id = [lane.channel, lane.country ?? '-', ...carriers].join(' ');
  const before = known.get(id);
  if (before && Math.abs(at - before.at) < FRESH_MS) return before.records;
  const asked = [
    ['tried', DAY],
    ['right-by', DAY],
    ['open', limits.codeTtlMs],
    ['settled', limits.codeTtlMs],
  ] as const;
  const hits = carriers.flatMap((carrier) =>
    asked.flatMap(([what, span]) =>
      [at, at - span].map((then): Hit => ({ ...hitOf(what, lane, carrier, then, span), peek: true })),
    ),
  );
  const done = await store.commit(SENDS_OWNER, { hits });
  const counts = done.ok ? done.counts.map(({ count }) => count) : [];
  const records = carriers.map((_, place): TrackRecord => {
    const [tried = 0, right = 0, open = 0, settled = 0] = asked.map((__, row) => {
      const from = 2 * (place * asked.length + row);
      return (counts[from] ?? 0) + (counts[from + 1] ?? 0);
    });
    return { sends: Math.max(0, tried - Math.max(0, open - settled)), right };
  });
  known.set(id, { at, records });
  return records;
}

type Counted = 'tried' | 'right-by' | 'open' | 'settled';

function hitOf(what: Counted, { channel, country = '-' }: Lane, carrier: string, at: number, span = DAY): Hit {
  const key = `${what}:${carrier}.${channel}.${country}:${Math.floor(at / span)}`;
  return { key, limit: Number.MAX_SAFE_INTEGER, windowMs: 3 * span };
}
