import { type Refusal, refuse } from '../core/errors.js';
import type { Json } from '../core/store.js';
import type { Draft, Subject } from '../core/words.js';
import { type Asking, factorContext, visitorHolds } from './account.js';
import type { BegunDraft } from './begin-enrolment.js';
import { countSend, maySend, type Send } from './count-send.js';
import type { FlowDeps } from './deps.js';
import { findDraft } from './find-draft.js';
import { guardChange } from './guard-change.js';
import { say, sayNow } from './say.js';
import { transmit } from './transmit.js';

/** Sends the code of an enrolment that is being set up, once more. */
export async function resendEnrolmentCode(deps: FlowDeps, asking: Asking, draftId: string): Promise<BegunDraft> {
  const may = await guardChange(deps, asking, { forcedToo: true });
  if ('code' in may) return may;
  const draft = findDraft(deps, asking, may.account, draftId);
  if ('ok' in draft) return draft;
  return await sendEnrolmentCode(deps, asking, may.account.subject, draft);
}

/** Counted against the same budgets as a challenge, and written down before the call. */
export async function sendEnrolmentCode(
  deps: FlowDeps,
  asking: Asking,
  subject: Subject,
  draft: Draft,
): Promise<BegunDraft> {
  const factor = deps.factors.get(draft.kind);
  const { channel } = draft;
  const context = factorContext(deps, subject, draft.id, asking.facts.locale);
  if (!factor?.prepareSend || !factor.sending || !channel) return refuse('not_found');
  const about = { subject, facts: asking.facts };
  const place = { factor: draft.kind, enrolmentId: draft.id, channel };
  if (!(await deps.ask.beforeChallenge(subject.user, { factor: draft.kind, channel, facts: asking.facts }))) {
    await sayNow(deps, about, [{ type: 'challenge.send_failed', ...place, why: 'vetoed' }]);
    return refuse('destination_refused');
  }

  const sending = await factor.sending(draft.data, context);
  const send: Send = {
    subject,
    context: draft.context,
    enrolmentId: draft.id,
    to: sending.to,
    ...(asking.facts.ip === undefined ? {} : { ip: asking.facts.ip }),
  };
  const may = await maySend(deps, send);
  if (!may.ok) return await limited(may);
  const sendNo = (draft.sent?.sendNo ?? 0) + 1;
  const prepared = await factor.prepareSend(
    {
      enrolment: draft,
      channel,
      ttlMs: deps.limits.codeTtlMs,
      sendId: `${draft.id}.${sendNo}`,
      ...(draft.sent ? { previous: draft.sent.data } : {}),
    },
    context,
  );
  const sentAt = deps.clock();
  const withCode = (data: Json): Draft => ({
    ...draft,
    sent: { data, sendNo, at: sentAt, expiresAt: sentAt + deps.limits.codeTtlMs },
  });
  const put = (data: Json) =>
    ({
      do: 'put',
      kind: 'draft',
      id: draft.id,
      data: withCode(data) as unknown as Json,
      ttlMs: Math.max(1, draft.expiresAt - deps.clock()),
      if: 'present',
    }) as const;
  const counted = await countSend(deps, {
    ...send,
    writes: [...visitorHolds(asking.visitor), put(prepared.data)],
    fresh: false,
  });
  if (!counted.ok && 'condition' in counted)
    return refuse(counted.condition < visitorHolds(asking.visitor).length ? 'sign_in_again' : 'enrolment_expired');
  if (!counted.ok) return await limited(counted);

  const sent = await transmit(deps, prepared);
  const said = say(deps, about, [
    sent.ok
      ? { type: 'challenge.sent', ...place, destination: sending.destination }
      : { type: 'challenge.send_failed', ...place, why: sent.why },
  ]);
  const kept = await deps.store.commit(subject.owner, {
    ...(sent.ok ? { writes: [put(sent.data)] } : {}),
    log: said.rows,
  });
  // Confirmed or thrown away meanwhile: the send happened all the same, and stays on record.
  if (!kept.ok) await deps.store.append(said.rows);
  deps.publish(said.events);
  if (!sent.ok) return sent.refusal;
  if (!kept.ok) return refuse('enrolment_expired');
  const wait = deps.limits.resendWaitsMs[sendNo - 1];
  return {
    ok: true,
    draft: withCode(sent.data),
    display: {},
    ...(wait === undefined ? {} : { resendAt: sentAt + wait }),
  };

  async function limited(refusal: Refusal): Promise<Refusal> {
    await sayNow(deps, about, [{ type: 'challenge.send_failed', ...place, why: 'limited' }]);
    return refusal;
  }
}
