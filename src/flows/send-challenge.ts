import type { Channel } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { Factor } from '../core/factor.js';
import type { Json, Write } from '../core/store.js';
import type { Challenge, Enrolment } from '../core/words.js';
import { type Account, type Asking, contextOf, factorContext, readAccount, visitorHolds } from './account.js';
import { mayChallenge } from './allowed-factors.js';
import { newChallengeId } from './challenge-ids.js';
import { countSend } from './count-send.js';
import type { FlowDeps } from './deps.js';
import { say, sayNow } from './say.js';
import { transmit } from './transmit.js';

export interface SendRequest {
  readonly factorId: string;
  readonly channel?: string;
}

export type SentChallenge =
  | { readonly ok: true; readonly challenge: Challenge; readonly resendAt?: number }
  /** The factor sends nothing: its tries start anew. */
  | { readonly ok: true; readonly challenge: undefined }
  | Refusal;

/** Starts a challenge, or sends its code again. Counted and written down before anybody is called; a failed call keeps its place in the budgets. */
export async function sendChallenge(deps: FlowDeps, asking: Asking, request: SendRequest): Promise<SentChallenge> {
  const account = await readAccount(deps, asking.visitor);
  if ('code' in account) return account;
  const enrolment = account.enrolments.find((one) => one.id === request.factorId);
  const factor = enrolment && deps.factors.get(enrolment.kind);
  if (!enrolment || !factor || !(await mayChallenge(deps, account, enrolment.kind))) return refuse('not_found');
  if (!factor.prepareSend || !factor.sending) return await startAnew(deps, asking, enrolment);

  const context = factorContext(deps, account.subject, enrolment.id, asking.facts.locale);
  const sending = await factor.sending(enrolment.data, context);
  const channel = chooseChannel(sending.channels, request.channel);
  if (!channel) return refuse('field_invalid', { field: 'channel' });
  if (
    !(await deps.ask.beforeChallenge(account.subject.user, { factor: enrolment.kind, channel, facts: asking.facts }))
  ) {
    await sayNow(deps, { subject: account.subject, facts: asking.facts }, [
      { type: 'challenge.send_failed', factor: enrolment.kind, enrolmentId: enrolment.id, channel, why: 'vetoed' },
    ]);
    return refuse('destination_refused');
  }
  return await send(deps, asking, {
    account,
    enrolment,
    factor,
    channel,
    to: sending.to,
    destination: sending.destination,
  });
}

async function send(
  deps: FlowDeps,
  asking: Asking,
  plan: { account: Account; enrolment: Enrolment; factor: Factor; channel: Channel; to: string; destination: string },
): Promise<SentChallenge> {
  const { account, enrolment, factor, channel } = plan;
  const { subject } = account;
  const context = contextOf(asking.visitor);
  const before = account.challenges.find((one) => one.context === context && one.enrolmentId === enrolment.id);
  const id = newChallengeId(deps.sealer, context, enrolment.id);
  const prepared = await factor.prepareSend?.(
    { enrolment, channel, ttlMs: deps.limits.codeTtlMs, sendId: id, ...(before ? { previous: before.data } : {}) },
    factorContext(deps, subject, enrolment.id, asking.facts.locale),
  );
  if (!prepared) return refuse('not_found');

  const draft = {
    context,
    enrolmentId: enrolment.id,
    kind: enrolment.kind,
    channel,
    destination: plan.destination,
    sendNo: (before?.sendNo ?? 0) + 1,
    sentAt: deps.clock(),
  };
  const record = (data: Json): Write & { do: 'put' } => ({
    do: 'put',
    kind: 'challenge',
    id,
    data: { ...draft, data },
    ttlMs: deps.limits.codeTtlMs,
  });
  const about = { subject, facts: asking.facts };
  const counted = await countSend(deps, {
    subject,
    context,
    enrolmentId: enrolment.id,
    to: plan.to,
    ...(asking.facts.ip === undefined ? {} : { ip: asking.facts.ip }),
    // Only the newest code of a factor counts: the one before goes in the same step.
    writes: [
      ...visitorHolds(asking.visitor),
      ...(before ? [{ do: 'delete', kind: 'challenge', id: before.id, if: 'present' } as const] : []),
      record(prepared.data),
    ],
    log: [],
    fresh: !before,
  });
  if (!counted.ok) {
    if ('condition' in counted)
      return counted.condition < visitorHolds(asking.visitor).length ? refuse('sign_in_again') : refuse('conflict');
    await sayNow(deps, about, [
      { type: 'challenge.send_failed', factor: enrolment.kind, enrolmentId: enrolment.id, channel, why: 'limited' },
    ]);
    return counted;
  }

  const sent = await transmit(deps, prepared);
  const outcome = sent.ok
    ? say(deps, about, [
        {
          type: 'challenge.sent',
          factor: enrolment.kind,
          enrolmentId: enrolment.id,
          channel,
          destination: plan.destination,
        },
      ])
    : say(deps, about, [
        { type: 'challenge.send_failed', factor: enrolment.kind, enrolmentId: enrolment.id, channel, why: sent.why },
      ]);
  const kept = await deps.store.commit(subject.owner, {
    writes: sent.ok ? [{ ...record(sent.data), if: 'present' }] : [{ do: 'delete', kind: 'challenge', id }],
    log: outcome.rows,
  });
  deps.publish(outcome.events);
  if (!sent.ok) return sent.refusal;
  if (!kept.ok) return refuse('conflict');
  const wait = deps.limits.resendWaitsMs[draft.sendNo - 1];
  return {
    ok: true,
    challenge: { ...draft, id, data: sent.data, expiresAt: counted.now + deps.limits.codeTtlMs },
    ...(wait === undefined ? {} : { resendAt: draft.sentAt + wait }),
  };
}

/** A new challenge for a factor that sends nothing; the user's own budget of wrong answers stays as it is. */
async function startAnew(deps: FlowDeps, asking: Asking, enrolment: Enrolment): Promise<SentChallenge> {
  const done = await deps.store.commit(ownerOfAsking(asking), {
    writes: visitorHolds(asking.visitor),
    counters: [{ do: 'clear', prefix: `tries:${contextOf(asking.visitor)}:${enrolment.id}` }],
  });
  return done.ok ? { ok: true, challenge: undefined } : refuse('sign_in_again');
}

function ownerOfAsking({ visitor }: Asking): string {
  return visitor.state === 'pending' ? visitor.owner : visitor.proof.owner;
}

/** The first channel unless another was asked for; undefined for one the factor does not have. */
function chooseChannel(channels: readonly Channel[], wanted: string | undefined): Channel | undefined {
  return wanted === undefined ? channels[0] : channels.find((channel) => channel === wanted);
}
