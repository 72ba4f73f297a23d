import type { Channel } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent } from '../core/events.js';
import type { Factor, PreparedSend } from '../core/factor.js';
import type { Write } from '../core/store.js';
import type { Challenge, Enrolment } from '../core/words.js';
import { type Account, type Asking, contextOf, factorContext, visitorHolds } from './account.js';
import { newChallengeId } from './challenge-ids.js';
import { countSend, maySend, type Send } from './count-send.js';
import type { FlowDeps } from './deps.js';
import { say, sayNow } from './say.js';
import { transmit } from './transmit.js';

/** One code that may be sent: to whom, where and how is settled. */
export interface CodeToSend {
  readonly account: Account;
  readonly enrolment: Enrolment;
  readonly factor: Factor;
  readonly channel: Channel;
  readonly to: string;
  /** Masked. */
  readonly destination: string;
}

export type SentCode = { readonly ok: true; readonly challenge: Challenge; readonly resendAt?: number } | Refusal;

/** Counted and written down before anybody is called; a failed call keeps its place in the budgets. */
export async function sendCode(deps: FlowDeps, asking: Asking, plan: CodeToSend): Promise<SentCode> {
  const { enrolment, factor, channel, destination } = plan;
  const send = sendOf(asking, plan);
  const may = await maySend(deps, send);
  if (!may.ok) return await limited(deps, asking, plan, may);

  const before = openChallenge(plan, send.context);
  const previous = may.usedUp ? undefined : before;
  const id = newChallengeId(deps.sealer, send.context, enrolment.id);
  const ttlMs = deps.limits.codeTtlMs;
  const lent = factorContext(deps, send.subject, enrolment.id, asking.facts.locale);
  const prepared = await factor.prepareSend?.(
    { enrolment, channel, ttlMs, sendId: id, ...(previous ? { previous: previous.data } : {}) },
    lent,
  );
  if (!prepared) return refuse('not_found');

  const sentAt = deps.clock();
  const challenge: Challenge = {
    id,
    context: send.context,
    enrolmentId: enrolment.id,
    kind: enrolment.kind,
    channel,
    destination,
    sendNo: (previous?.sendNo ?? 0) + 1,
    sentAt,
    data: prepared.data,
    expiresAt: sentAt + ttlMs,
  };
  const holds = visitorHolds(asking.visitor);
  const counted = await countSend(deps, {
    ...send,
    // Only the newest code of a factor counts: the one before goes in the same step.
    writes: [
      ...holds,
      ...(before ? [{ do: 'delete', kind: 'challenge', id: before.id, if: 'present' } as const] : []),
      put(deps, challenge),
    ],
    fresh: !previous,
  });
  if (!counted.ok && 'condition' in counted)
    return refuse(counted.condition < holds.length ? 'sign_in_again' : 'conflict');
  if (!counted.ok) return await limited(deps, asking, plan, counted);
  // Whoever makes codes of their own would send the very one that was guessed at.
  if (before && may.usedUp) await factor.discard?.(before.data, lent);
  return await deliver(deps, asking, plan, prepared, { ...challenge, sendNo: counted.sendNo });
}

function sendOf(asking: Asking, { account, enrolment, to }: CodeToSend): Send {
  const { ip } = asking.facts;
  return {
    subject: account.subject,
    context: contextOf(asking.visitor),
    enrolmentId: enrolment.id,
    lockedBy: enrolment.kind,
    to,
    ...(ip === undefined ? {} : { ip }),
  };
}

function openChallenge({ account, enrolment }: CodeToSend, context: string): Challenge | undefined {
  return account.challenges.find((one) => one.context === context && one.enrolmentId === enrolment.id);
}

async function limited(deps: FlowDeps, asking: Asking, plan: CodeToSend, refusal: Refusal): Promise<Refusal> {
  const { subject } = plan.account;
  await sayNow(deps, { subject, facts: asking.facts }, [failed(plan, 'limited')]);
  return refusal;
}

async function deliver(
  deps: FlowDeps,
  asking: Asking,
  plan: CodeToSend,
  prepared: PreparedSend,
  challenge: Challenge,
): Promise<SentCode> {
  const { subject } = plan.account;
  const { id, enrolmentId, kind: factor, channel, destination, sendNo, sentAt } = challenge;
  const sent = await transmit(deps, prepared);
  const said = say(deps, { subject, facts: asking.facts }, [
    sent.ok ? { type: 'challenge.sent', factor, enrolmentId, channel, destination } : failed(plan, sent.why),
  ]);
  const kept = await deps.store.commit(subject.owner, {
    writes: sent.ok
      ? [{ ...put(deps, { ...challenge, data: sent.data }), if: 'present' }]
      : [{ do: 'delete', kind: 'challenge', id }],
    log: said.rows,
  });
  // Answered or void already: the send happened all the same, and stays on record.
  if (!kept.ok) await deps.store.append(said.rows);
  deps.publish(said.events);
  if (!sent.ok) return sent.refusal;
  if (!kept.ok) return refuse('conflict');
  const wait = deps.limits.resendWaitsMs[sendNo - 1];
  return {
    ok: true,
    challenge: { ...challenge, data: sent.data },
    ...(wait === undefined ? {} : { resendAt: sentAt + wait }),
  };
}

function put({ limits }: Pick<FlowDeps, 'limits'>, { id, expiresAt: _, ...data }: Challenge): Write & { do: 'put' } {
  return { do: 'put', kind: 'challenge', id, data, ttlMs: limits.codeTtlMs };
}

function failed({ enrolment, channel }: CodeToSend, why: NewEvent<'challenge.send_failed'>['why']): NewEvent {
  return { type: 'challenge.send_failed', factor: enrolment.kind, enrolmentId: enrolment.id, channel, why };
}
