/** The way of one code, whoever waits for it: counted, written down, sent, and kept. */
import { type ErrorCode, type Refusal, refuse } from '../core/errors.js';
import type { NewEvent } from '../core/events.js';
import type { Factor, FactorContext, PreparedSend, Sending } from '../core/factor.js';
import type { Commit, Json, Write } from '../core/store.js';
import type { Challenge, Draft, Enrolment, Hop } from '../core/words.js';
import { type Account, type Asking, contextOf, visitorHolds } from './account.js';
import { admitSend } from './admit-send.js';
import type { ChosenChannel } from './choose-channel.js';
import { type CountedSend, countSend, marksOf, newestSend } from './count-send.js';
import { correctCounts } from './count-shared.js';
import type { FlowDeps } from './deps.js';
import { channelFailed, hasSeveral } from './failed-channels.js';
import { type Send, taken } from './one-send.js';
import { claimRoute, firstSent, followRoute, laneOf, planRoute, type Route, type Sent } from './route-send.js';
import type { NotSentBy, RunningSend } from './running-send.js';
import { say, sayNow } from './say.js';
import { rememberRefs, type SentRef } from './sent-refs.js';
import { allOrNothing } from './take-backs.js';
import { unsent } from './unsent.js';

/** One code that may be sent: to whom, over what, and what waits for its answer. */
export interface CodeToSend<T extends Challenge | Draft> {
  readonly account: Pick<Account, 'subject' | 'enrolments' | 'pending'>;
  readonly factor: SendingFactor;
  /** Confirmed, or being set up. */
  readonly enrolment: Pick<Enrolment, 'id' | 'kind' | 'data'>;
  readonly chosen: ChosenChannel;
  readonly to: Sending;
  /** What the factor was lent to tell `to`: what it has opened is open. */
  readonly lent: FactorContext;
  readonly waiting: Waiting<T>;
}

export type SendingFactor = Factor & Required<Pick<Factor, 'prepareSend' | 'sending'>>;

/** Whether challenges of the factor are sent. */
export function sends(factor: Factor): factor is SendingFactor {
  return factor.prepareSend !== undefined && factor.sending !== undefined;
}

/** What sets the two records apart that can wait for an answer: a challenge, and the draft of a factor that is being set up. */
export interface Waiting<T extends Challenge | Draft> {
  readonly kind: SentRef['waits']['kind'];
  /** Who was asked for the code before this one. */
  readonly lastHops: readonly Hop[] | undefined;
  /** What comes of the code that another request of the same visitor is sending; undefined where there is none of this moment. */
  running(send: Send, because: NotSentBy): Promise<RunningSend<T>>;
  /** The code that follows on what was counted. */
  next(counted: CountedSend): NextCode<T>;
  put(record: T): Write & { readonly do: 'put' };
  /** Beside the record, when it is written down first. */
  beside(counted: CountedSend): Required<Pick<Commit, 'writes' | 'counters'>>;
  /** What becomes of the record when its code surely did not go out. */
  whenFailed(record: T): Write;
  /** What the person is told where the record is gone: before the code is sent, and after. */
  readonly gone: { readonly before: ErrorCode; readonly after: ErrorCode };
}

interface NextCode<T> {
  readonly sendId: string;
  /** What is kept of the code that this one repeats. */
  readonly previous?: Json;
  /** The record, with what is known of its code by now. */
  record(sent: Sent): T;
}

/** `why` and `limit` are for the audit log: the person hears the same words of each. Without `why` nothing is said. */
type NotSent = Refusal & Partial<Pick<NewEvent<'challenge.send_failed'>, 'why' | 'limit'>>;

/** A code that is counted and written down, and may be sent. */
interface ReadyCode<T> {
  readonly ok: true;
  readonly route: Route;
  readonly prepared: PreparedSend;
  readonly counted: CountedSend;
  readonly next: NextCode<T>;
}

export type SentCode<T> = { readonly ok: true; readonly record: T } | Refusal;

/** Counted and written down before anybody is called; a failed call keeps its place in the budgets. */
export async function sendCode<T extends Challenge | Draft>(
  deps: FlowDeps,
  asking: Asking,
  code: CodeToSend<T>,
): Promise<SentCode<T>> {
  const send = sendOf(deps, asking, code);
  const ready = (await vetoed(deps, asking, code)) ?? (await makeReady(deps, asking, code, send));
  if (ready.ok) return await deliver(deps, asking, code, send, ready);
  const running = await runningInstead(code, send, ready);
  if (running) return running;
  const { why, limit, ...refusal } = ready;
  const met = limit === undefined ? {} : { limit };
  if (why !== undefined)
    await sayNow(deps, { subject: send.subject, facts: asking.facts }, [
      { type: 'challenge.send_failed', ...placeOf(code), why, ...met },
    ]);
  // A lookup knew it before a carrier had to say it.
  if (why === 'landline')
    await deps.store.commit(send.subject.owner, {
      writes: [...send.holds, ...channelFailed(aboutChannel(asking, code), code.factor, why)],
    });
  return refusal;
}

/** A mailbox that has come to reset the password, or what the host does not want. */
async function vetoed(
  { ask }: Pick<FlowDeps, 'ask'>,
  { facts }: Asking,
  { account, enrolment, chosen, to }: Omit<CodeToSend<never>, 'waiting'>,
): Promise<NotSent | undefined> {
  const about = { factor: enrolment.kind, channel: chosen.channel, facts };
  if (!to.refused && (await ask.beforeChallenge(account.subject.user, about))) return undefined;
  return { ...refuse('destination_refused'), why: 'vetoed' };
}

async function makeReady<T extends Challenge | Draft>(
  deps: FlowDeps,
  asking: Asking,
  code: CodeToSend<T>,
  send: Send,
): Promise<ReadyCode<T> | NotSent> {
  const { account, factor, enrolment, chosen, to, waiting } = code;
  const { channel } = chosen;
  const settingUp = waiting.kind === 'draft';
  const way = { lane: laneOf(channel, to), who: send.who, settingUp, to: send.to };
  const planned = await planRoute(deps, factor, way, waiting.lastHops);
  if (!planned.ok) return planned;
  return await allOrNothing<ReadyCode<T> | NotSent>(deps, async (takeBack) => {
    const counted = await countSend(deps, send, planned.carriers, takeBack);
    if (!counted.ok) return counted.limit === undefined ? counted : { ...counted, why: 'limited' };
    const admitted = await admitSend(deps, asking, {
      account,
      to,
      channel,
      counted,
      settingUp,
    });
    if (!admitted.ok) return admitted;
    const route = await claimRoute(deps, planned, takeBack);
    if (!route.ok) return route;
    const next = waiting.next(counted);
    const { sendId, previous } = next;
    const job = { enrolment, channel, ttlMs: deps.limits.codeTtlMs, sendId, ...(previous ? { previous } : {}) };
    const prepared = await factor.prepareSend(job, code.lent);
    const beside = waiting.beside(counted);
    const written = await deps.store.commit(send.subject.owner, {
      ...beside,
      hits: [newestSend(deps, send, counted)],
      writes: [...send.holds, ...beside.writes, waiting.put(next.record(firstSent(route, prepared)))],
    });
    if (!written.ok && written.reason === 'limit') return refuse('conflict');
    if (!written.ok) return refuse(written.index < send.holds.length ? 'sign_in_again' : waiting.gone.before);
    return { ok: true, route, prepared, counted, next };
  });
}

async function deliver<T extends Challenge | Draft>(
  deps: FlowDeps,
  asking: Asking,
  code: CodeToSend<T>,
  send: Send,
  { route, prepared, counted, next }: ReadyCode<T>,
): Promise<SentCode<T>> {
  const { account, factor, to, waiting } = code;
  const { subject } = account;
  const place = placeOf(code);
  // Whoever makes codes of their own would send the very one that was guessed at.
  if (counted.usedUp) for (const { data } of counted.open) await factor.discard?.(data, code.lent);
  const stillThere = (known: Sent): Write => ({ ...waiting.put(next.record(known)), if: 'present' });
  const sent = await followRoute(
    deps,
    route,
    prepared,
    async (known) => (await deps.store.commit(subject.owner, { writes: [stillThere(known)] })).ok,
  );
  await correctCounts(deps, counted.shared, sent);
  const carriers = carriersOf(sent.hops);
  const said = say(deps, { subject, facts: asking.facts }, [
    sent.ok
      ? { type: 'challenge.sent', ...place, ...channelBy(code), destination: to.destination, ...carriers }
      : { type: 'challenge.send_failed', ...place, why: sent.why, ...carriers },
  ]);
  const { data, hops } = sent;
  const record = next.record({ data, hops });
  const kept = await deps.store.commit(subject.owner, {
    writes: sent.ok
      ? [stillThere({ data, hops })]
      : [
          waiting.whenFailed(record),
          unsent(send, counted.sendNo, sent.refusal),
          ...channelFailed(aboutChannel(asking, code), factor, sent.why),
        ],
    // Nothing is on its way that a pause would be for, and by this channel nothing will be: the next code may go by another at once.
    counters: !sent.ok && sent.why === 'landline' && hasSeveral(factor) ? counted.own.slice(0, 1).map(taken) : [],
    log: said.rows,
  });
  // Answered or void already: the send happened all the same, and stays on record.
  if (!kept.ok) await deps.store.append(said.rows);
  deps.publish(said.events);
  if (!sent.ok) return sent.refusal;
  if (!kept.ok) return refuse(waiting.gone.after);
  const { lane, who } = route;
  const waits = { kind: waiting.kind, id: record.id };
  await rememberRefs(deps, asking, { subject, hops, waits, ...place, lane, who });
  return { ok: true, record };
}

/** A second click has the answer of the first. */
async function runningInstead<T extends Challenge | Draft>(
  { waiting }: CodeToSend<T>,
  send: Send,
  refusal: NotSent,
): Promise<RunningSend<T>> {
  const { code } = refusal;
  return code === 'send_limited' || code === 'delivery_unavailable' ? await waiting.running(send, refusal) : undefined;
}

function sendOf(
  deps: FlowDeps,
  asking: Asking,
  { account, enrolment, chosen, to, waiting }: Omit<CodeToSend<Challenge | Draft>, 'factor'>,
): Send {
  const { ip } = asking.facts;
  const { subject } = account;
  return {
    subject,
    who: marksOf(deps, { subject, to: to.to }),
    holds: visitorHolds(asking.visitor),
    context: contextOf(asking.visitor),
    enrolmentId: enrolment.id,
    channel: chosen.channel,
    to: to.to,
    ...(waiting.kind === 'challenge' ? { lockedBy: enrolment.kind } : {}),
    ...(to.country === undefined ? {} : { country: to.country }),
    ...(ip === undefined ? {} : { ip }),
  };
}

function placeOf({ enrolment, chosen }: Pick<CodeToSend<never>, 'enrolment' | 'chosen'>) {
  return { factor: enrolment.kind, enrolmentId: enrolment.id, channel: chosen.channel };
}

function aboutChannel({ visitor }: Asking, { enrolment, chosen, waiting }: CodeToSend<Challenge | Draft>) {
  return {
    enrolmentId: enrolment.id,
    channel: chosen.channel,
    context: contextOf(visitor),
    settingUp: waiting.kind === 'draft',
    ...(chosen.asked ? { asked: chosen.asked } : {}),
  };
}

/** Worth a word where there are several. */
function channelBy({ factor, chosen }: Pick<CodeToSend<never>, 'factor' | 'chosen'>) {
  return hasSeveral(factor) ? { channelBy: chosen.why } : {};
}

/** For the audit log: who was asked. */
function carriersOf(hops: readonly Hop[]): { readonly carriers?: readonly string[] } {
  return hops.length === 0 ? {} : { carriers: hops.map(({ carrier }) => carrier) };
}
