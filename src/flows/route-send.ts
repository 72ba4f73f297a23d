import type { FailureClass } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { Factor, PreparedSend, Sending, Transmitted } from '../core/factor.js';
import type { Json } from '../core/store.js';
import { toldToEnd } from '../core/told-to-end.js';
import type { Hop } from '../core/words.js';
import { carrierOutcome, MOST_HOPS, nextStep } from '../policy/failover.js';
import type { Lane } from './carrier-breakers.js';
import type { FlowDeps } from './deps.js';
import type { TakeBack } from './take-backs.js';
import { inOrder } from './track-record.js';

/** The carriers one code may go by, in order. A factor that names none decides by itself. */
export interface Route {
  readonly lane: Lane;
  /** The user and the number, as keyed hashes. */
  readonly who: readonly string[];
  readonly settingUp: boolean;
  readonly carriers: readonly (string | undefined)[];
}

/** Whose send it is, and which way. */
export type Way = Omit<Route, 'carriers'> & { readonly to: string };

type PlannedRoute = ({ readonly ok: true } & Route) | (Refusal & { readonly why: FailureClass });

/** What is written down before and after each call: a crash in between leaves `calling`, not nothing. */
export interface Sent {
  readonly data: Json;
  readonly hops: readonly Hop[];
}

export type SendOutcome =
  | ({ readonly ok: true } & Sent)
  | ({ readonly ok: false; readonly why: FailureClass; readonly refusal: Refusal } & Sent);

/** What users hear is one of three things: not there, not yet, not now. */
const HEARD_AS: Readonly<Record<FailureClass, 'destination_refused' | 'send_limited' | 'delivery_unavailable'>> = {
  invalid_destination: 'destination_refused',
  landline: 'destination_refused',
  opted_out: 'destination_refused',
  blocked: 'destination_refused',
  unreachable: 'destination_refused',
  rate_limited: 'send_limited',
  resend_limit: 'send_limited',
  spend_limit: 'send_limited',
  filtered: 'delivery_unavailable',
  channel_unavailable: 'delivery_unavailable',
  config: 'delivery_unavailable',
  auth: 'delivery_unavailable',
  unavailable: 'delivery_unavailable',
  timeout: 'delivery_unavailable',
};

const RETRY_AFTER_MS = { destination_refused: undefined, send_limited: 60_000, delivery_unavailable: 30_000 } as const;

/**
 * Whom to ask. Before anything is counted: where every carrier is failing nobody is called, and no budget is used. `before` are the hops of the send before: who did
 * not bring that one is asked last.
 */
export async function planRoute(
  deps: Pick<FlowDeps, 'carriers' | 'clock' | 'store' | 'prices' | 'carrierOrder' | 'limits'>,
  factor: Factor,
  { to, ...way }: Way,
  before: readonly Hop[] = [],
): Promise<PlannedRoute> {
  const { lane, who } = way;
  if (factor.carriers === undefined) return { ok: true, ...way, carriers: [undefined] };
  const named = await inOrder(deps, lane, to, factor.carriers(lane.channel, lane.country));
  if (named.length === 0) return { ...refuse('destination_refused'), why: 'channel_unavailable' };
  const asked = new Set(before.map(({ carrier }) => carrier));
  const [fresh, tried] = [named.filter((one) => !asked.has(one)), named.filter((one) => asked.has(one))];
  const carriers = [
    ...(await deps.carriers.usable(lane, fresh, who)),
    ...(await deps.carriers.usable(lane, tried, who)),
  ];
  return carriers.length > 0 ? { ok: true, ...way, carriers } : allFailing(deps, lane, named);
}

/**
 * Makes the route this send's own, once it has its place in every budget. Not before: a carrier is tried out by one send of all, and whoever may not send
 * could keep it from everybody by asking again and again.
 */
export async function claimRoute(
  deps: Pick<FlowDeps, 'carriers' | 'clock'>,
  planned: Route,
  takeBack: TakeBack,
): Promise<PlannedRoute> {
  const { lane, who, carriers } = planned;
  const named = namesIn(carriers);
  if (named.length === 0) return { ...planned, ok: true };
  const mine = await deps.carriers.claim(lane, named, who);
  if (mine.length === 0) return allFailing(deps, lane, named);
  const route = { ...planned, carriers: mine };
  takeBack(() => leaveRoute(deps, route));
  return { ...route, ok: true };
}

/** Nobody will be called after all. */
async function leaveRoute(
  deps: Pick<FlowDeps, 'carriers'>,
  { lane, carriers }: Pick<Route, 'lane' | 'carriers'>,
): Promise<void> {
  await deps.carriers.release(lane, namesIn(carriers));
}

function namesIn(carriers: Route['carriers']): readonly string[] {
  return carriers.filter((carrier) => carrier !== undefined);
}

function allFailing({ carriers, clock }: Pick<FlowDeps, 'carriers' | 'clock'>, lane: Lane, named: readonly string[]) {
  const now = clock();
  const retryAfterMs = Math.max(1_000, (carriers.retryAt(lane, named) ?? now) - now);
  return { ...refuse('delivery_unavailable', { retryAfterMs }), why: 'unavailable' } as const;
}

/** What to write down before the first call. */
export function firstSent({ carriers }: Pick<Route, 'carriers'>, prepared: PreparedSend): Sent {
  return { data: prepared.data, hops: calling([], carriers[0]) };
}

/**
 * Calls one carrier, and at most one more, for `sendTimeoutMs` in all. `writeDown` comes before the second call and says whether the code is still wanted; where it is
 * not, what was known stands.
 */
export async function followRoute(
  deps: Pick<FlowDeps, 'carriers' | 'carrierFaults' | 'limits'>,
  route: Route,
  prepared: PreparedSend,
  writeDown: (sent: Sent) => Promise<boolean>,
): Promise<SendOutcome> {
  return await toldToEnd(deps.limits.sendTimeoutMs, (over) => callInTurn(deps, route, prepared, writeDown, over));
}

async function callInTurn(
  deps: Pick<FlowDeps, 'carriers' | 'carrierFaults' | 'limits'>,
  { lane, who, settingUp, carriers }: Route,
  prepared: PreparedSend,
  writeDown: (sent: Sent) => Promise<boolean>,
  over: AbortSignal,
): Promise<SendOutcome> {
  const asked = carriers.slice(0, MOST_HOPS);
  let { data, hops } = firstSent({ carriers }, prepared);
  let accepted = false;
  let last: Transmitted = { ok: false, why: 'unavailable' };
  for (const [place, carrier] of asked.entries()) {
    const by = carrier === undefined ? undefined : { carrier, data };
    const call = (signal: AbortSignal) => transmitted(prepared, signal, by);
    last =
      place + 1 < asked.length
        ? await toldToEnd(deps.limits.sendTimeoutMs / 2, (half) => call(AbortSignal.any([over, half])))
        : await call(over);
    hops = answered(hops, last);
    if (carrier !== undefined) {
      deps.carrierFaults(carrier, lane, last);
      const outcome = carrierOutcome(last, { settingUp });
      if (outcome === undefined) await deps.carriers.release(lane, [carrier]);
      else await deps.carriers.note(lane, carrier, outcome, who);
    }
    if (last.ok) {
      data = last.data;
      accepted = true;
    }
    const next = asked[place + 1];
    if (next === undefined || over.aborted || nextStep(last) !== 'next') break;
    const calls = calling(hops, next);
    if (!(await writeDown({ data, hops: calls }))) break;
    hops = calls;
  }
  await leaveRoute(deps, { lane, carriers: carriers.slice(hops.length) });
  // A send that may have gone out counts, whatever the carrier after it said: the code is the same.
  if (accepted) return { ok: true, data, hops };
  const { why, refusal } = heard(last);
  return { ok: false, why, refusal, data, hops };
}

export function laneOf(channel: Lane['channel'], { country }: Pick<Sending, 'country'>): Lane {
  return { channel, ...(country === undefined ? {} : { country }) };
}

function calling(hops: readonly Hop[], carrier: string | undefined): readonly Hop[] {
  return carrier === undefined ? hops : [...hops, { carrier, sent: 'calling' }];
}

function answered(hops: readonly Hop[], outcome: Transmitted): readonly Hop[] {
  const hop = hops.at(-1);
  if (hop?.sent !== 'calling') return hops;
  const { carrier } = hop;
  const before = hops.slice(0, -1);
  if (!outcome.ok) return [...before, { carrier, sent: outcome.sent ?? 'unknown', why: outcome.why }];
  const { sent = 'yes', ref, webhook } = outcome;
  return [...before, { carrier, sent, ...(ref === undefined ? {} : { ref }), ...(webhook ? { webhook } : {}) }];
}

function heard(outcome: Transmitted): { why: FailureClass; refusal: Refusal } {
  const why = outcome.ok ? 'unavailable' : outcome.why;
  const code = HEARD_AS[why];
  const asked = outcome.ok ? undefined : outcome.retryAfterMs;
  const retryAfterMs = RETRY_AFTER_MS[code] && (asked ?? RETRY_AFTER_MS[code]);
  return { why, refusal: refuse(code, retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** A delivery of somebody else's may throw, although it should not, or answer with its vendor's words, which belong into no log and no store. */
async function transmitted(
  prepared: PreparedSend,
  signal: AbortSignal,
  by: Parameters<PreparedSend['transmit']>[1],
): Promise<Transmitted> {
  try {
    const outcome = await prepared.transmit(signal, by);
    return outcome.ok || Object.hasOwn(HEARD_AS, outcome.why) ? outcome : { ...outcome, why: 'unavailable' };
  } catch {
    return { ok: false, why: 'unavailable' };
  }
}
