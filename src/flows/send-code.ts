import type { Channel } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent, SendLimit } from '../core/events.js';
import type { Factor, PreparedSend, Sending } from '../core/factor.js';
import type { Json, Write } from '../core/store.js';
import type { Challenge, Enrolment, Hop } from '../core/words.js';
import { type Account, type Asking, contextOf, factorContext, visitorHolds } from './account.js';
import { admitSend } from './admit-send.js';
import { newChallengeId } from './challenge-ids.js';
import { type CountedSend, countSend, hasTriesLeft, marksOf, takeBackSend, triesForgotten } from './count-send.js';
import { correctCounts } from './count-shared.js';
import type { FlowDeps } from './deps.js';
import type { Send } from './one-send.js';
import {
  claimRoute,
  firstSent,
  followRoute,
  laneOf,
  leaveRoute,
  planRoute,
  type Route,
  type Sent,
} from './route-send.js';
import { runningChallenge } from './running-send.js';
import { say, sayNow } from './say.js';
import { rememberRefs } from './sent-refs.js';

/** One code that may be sent: to whom, where and how is settled. */
export interface CodeToSend {
  readonly account: Account;
  readonly enrolment: Enrolment;
  readonly factor: Factor;
  readonly channel: Channel;
  readonly to: Sending;
}

type WhyFailed = NewEvent<'challenge.send_failed'>['why'];

export type SentCode = { readonly ok: true; readonly challenge: Challenge; readonly resendAt?: number } | Refusal;

/** Counted and written down before anybody is called; a failed call keeps its place in the budgets. */
export async function sendCode(deps: FlowDeps, asking: Asking, plan: CodeToSend): Promise<SentCode> {
  const send = sendOf(asking, plan);
  const refused = async (why: WhyFailed, refusal: Refusal, limit?: SendLimit): Promise<Refusal> => {
    const met = limit === undefined ? {} : { limit };
    await sayNow(deps, { subject: send.subject, facts: asking.facts }, [{ ...failed(plan, why), ...met }]);
    return refusal;
  };
  const way = { lane: laneOf(plan.channel, plan.to), who: marksOf(deps, send), to: send.to };
  const planned = await planRoute(deps, plan.factor, way, lastHops(plan.account, send));
  if (!planned.ok) return (await runningSend(deps, send, plan)) ?? (await refused(planned.why, planned));
  const counted = await countSend(deps, send, planned.carriers);
  if (!counted.ok) {
    const { limit, ...refusal } = counted;
    if (limit === undefined) return refusal;
    const running = counted.code === 'send_limited' ? await runningSend(deps, send, plan, counted) : undefined;
    return running ?? (await refused('limited', refusal, limit));
  }
  const admitted = await admitSend(deps, asking, { account: plan.account, to: plan.to, counted });
  if (!admitted.ok) {
    await takeBackSend(deps, send, counted);
    return await refused(admitted.why, admitted);
  }
  const route = await claimRoute(deps, planned);
  if (!route.ok) {
    await takeBackSend(deps, send, counted);
    return await refused(route.why, route);
  }
  const previous = counted.usedUp ? undefined : counted.open.at(-1);
  const id = newChallengeId(deps.sealer, send.context, send.enrolmentId);
  const lent = factorContext(deps, send.subject, send.enrolmentId, asking.facts.locale);
  const prepared = await plan.factor.prepareSend?.(
    {
      enrolment: plan.enrolment,
      channel: plan.channel,
      ttlMs: deps.limits.codeTtlMs,
      sendId: id,
      ...(previous ? { previous: previous.data } : {}),
    },
    lent,
  );
  if (!prepared) return refuse('not_found');

  const made = { id, sendNo: counted.sendNo, ...firstSent(route, prepared) };
  const challenge = challengeToBe(deps, send, plan, made);
  const holds = visitorHolds(asking.visitor);
  const written = await deps.store.commit(send.subject.owner, {
    // Only the newest code of a factor counts: the one before goes in the same step.
    writes: [
      ...holds,
      { do: 'check', kind: 'enrolment', id: send.enrolmentId, if: 'present' },
      ...counted.open.map((one) => ({ do: 'delete', kind: 'challenge', id: one.id }) as const),
      put(deps, challenge),
    ],
    counters: previous ? [] : [triesForgotten(deps, send)],
  });
  if (!written.ok) {
    await leaveRoute(deps, route);
    await takeBackSend(deps, send, counted);
    return refuse(written.index < holds.length ? 'sign_in_again' : 'not_found');
  }
  // Whoever makes codes of their own would send the very one that was guessed at.
  if (counted.usedUp) for (const one of counted.open) await plan.factor.discard?.(one.data, lent);
  return await deliver(deps, asking, plan, { route, prepared, counted }, challenge);
}

function challengeToBe(
  { clock, limits }: Pick<FlowDeps, 'clock' | 'limits'>,
  { context, enrolmentId }: Send,
  { enrolment, channel, to: { destination } }: CodeToSend,
  made: Pick<Challenge, 'id' | 'sendNo'> & Sent,
): Challenge {
  const sentAt = clock();
  const expiresAt = sentAt + limits.codeTtlMs;
  return { ...made, context, enrolmentId, kind: enrolment.kind, channel, destination, sentAt, expiresAt };
}

function sendOf(asking: Asking, { account, enrolment, channel, to }: CodeToSend): Send {
  const { ip } = asking.facts;
  return {
    subject: account.subject,
    holds: visitorHolds(asking.visitor),
    context: contextOf(asking.visitor),
    enrolmentId: enrolment.id,
    lockedBy: enrolment.kind,
    channel,
    to: to.to,
    ...(to.country === undefined ? {} : { country: to.country }),
    ...(ip === undefined ? {} : { ip }),
  };
}

async function deliver(
  deps: FlowDeps,
  asking: Asking,
  plan: CodeToSend,
  {
    route,
    prepared,
    counted,
  }: { readonly route: Route; readonly prepared: PreparedSend; readonly counted: CountedSend },
  challenge: Challenge,
): Promise<SentCode> {
  const { subject } = plan.account;
  const { id, enrolmentId, kind: factor, channel, destination } = challenge;
  const rewrite = async (known: Sent) =>
    (await deps.store.commit(subject.owner, { writes: [{ ...put(deps, { ...challenge, ...known }), if: 'present' }] }))
      .ok;
  const sent = await followRoute(deps, route, prepared, rewrite);
  await correctCounts(deps, counted.shared, sent);
  const carriers = carriersOf(sent.hops);
  const said = say(deps, { subject, facts: asking.facts }, [
    sent.ok
      ? { type: 'challenge.sent', factor, enrolmentId, channel, destination, ...carriers }
      : { ...failed(plan, sent.why), ...carriers },
  ]);
  const kept = await deps.store.commit(subject.owner, {
    writes: sent.ok
      ? [{ ...put(deps, { ...challenge, data: sent.data, hops: sent.hops }), if: 'present' }]
      : [{ do: 'delete', kind: 'challenge', id }],
    log: said.rows,
  });
  // Answered or void already: the send happened all the same, and stays on record.
  if (!kept.ok) await deps.store.append(said.rows);
  deps.publish(said.events);
  if (!sent.ok) return sent.refusal;
  if (!kept.ok) return refuse('conflict');
  const waits = { kind: 'challenge', id } as const;
  const { lane, who } = route;
  await rememberRefs(deps, asking, { subject, hops: sent.hops, waits, factor, enrolmentId, lane, who });
  return sentAs(deps, { ...challenge, data: sent.data, hops: sent.hops });
}

/** A second click has the answer of the first. */
async function runningSend(
  deps: FlowDeps,
  send: Send,
  { channel }: CodeToSend,
  { retryAfterMs }: Partial<Refusal> = {},
): Promise<SentCode | undefined> {
  const { context, enrolmentId } = send;
  const { owner } = send.subject;
  const challenge = await runningChallenge(deps, { owner, context, enrolmentId, channel, retryAfterMs });
  return challenge && (await hasTriesLeft(deps, send)) ? sentAs(deps, challenge) : undefined;
}

function sentAs({ limits }: Pick<FlowDeps, 'limits'>, challenge: Challenge): SentCode {
  const wait = limits.resendWaitsMs[challenge.sendNo - 1];
  return { ok: true, challenge, ...(wait === undefined ? {} : { resendAt: challenge.sentAt + wait }) };
}

function put({ limits }: Pick<FlowDeps, 'limits'>, { id, expiresAt: _, ...data }: Challenge): Write & { do: 'put' } {
  return { do: 'put', kind: 'challenge', id, data: data as unknown as Json, ttlMs: limits.codeTtlMs };
}

/** Who was asked for the code before this one. */
function lastHops({ challenges }: Account, { context, enrolmentId }: Send): readonly Hop[] {
  return challenges.findLast((one) => one.context === context && one.enrolmentId === enrolmentId)?.hops ?? [];
}

/** For the audit log: who was asked. */
export function carriersOf(hops: readonly Hop[]): { readonly carriers?: readonly string[] } {
  return hops.length === 0 ? {} : { carriers: hops.map(({ carrier }) => carrier) };
}

function failed({ enrolment, channel }: CodeToSend, why: WhyFailed): NewEvent<'challenge.send_failed'> {
  return { type: 'challenge.send_failed', factor: enrolment.kind, enrolmentId: enrolment.id, channel, why };
}
