import type { Channel } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent, SendLimit } from '../core/events.js';
import type { EnrolmentDisplay, PreparedSend, Sending } from '../core/factor.js';
import type { Json, Write } from '../core/store.js';
import type { Draft, Subject } from '../core/words.js';
import { type Account, type Asking, factorContext, visitorHolds } from './account.js';
import { admitSend } from './admit-send.js';
import type { BegunDraft } from './begin-enrolment.js';
import { type CountedSend, countSend, marksOf, takeBackSend } from './count-send.js';
import { correctCounts } from './count-shared.js';
import type { FlowDeps } from './deps.js';
import { findDraft } from './find-draft.js';
import { guardChange } from './guard-change.js';
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
import { runningDraft } from './running-send.js';
import { say, sayNow } from './say.js';
import { carriersOf } from './send-code.js';
import { rememberRefs } from './sent-refs.js';

/** Sends the code of an enrolment that is being set up, once more. */
export async function resendEnrolmentCode(deps: FlowDeps, asking: Asking, draftId: string): Promise<BegunDraft> {
  const may = await guardChange(deps, asking, { forcedToo: true });
  if ('code' in may) return may;
  const draft = findDraft(deps, asking, may.account, draftId);
  if ('ok' in draft) return draft;
  return await sendEnrolmentCode(deps, asking, may.account, draft);
}

/** Counted against the same budgets as a challenge, and written down before the call. */
export async function sendEnrolmentCode(
  deps: FlowDeps,
  asking: Asking,
  { subject, pending }: Pick<Account, 'subject' | 'pending'>,
  draft: Draft,
): Promise<BegunDraft> {
  const factor = deps.factors.get(draft.kind);
  const { channel } = draft;
  if (!factor?.prepareSend || !factor.sending || !channel) return refuse('not_found');
  const place: Place = { factor: draft.kind, enrolmentId: draft.id, channel };
  const context = factorContext(deps, subject, draft.id, asking.facts.locale);
  const to = await factor.sending(draft.data, context);
  if (
    to.refused ||
    !(await deps.ask.beforeChallenge(subject.user, { factor: draft.kind, channel, facts: asking.facts }))
  ) {
    await sayNow(deps, { subject, facts: asking.facts }, [{ type: 'challenge.send_failed', ...place, why: 'vetoed' }]);
    return refuse('destination_refused');
  }
  const refused = async (why: NewEvent<'challenge.send_failed'>['why'], refusal: Refusal, limit?: SendLimit) => {
    const met = limit === undefined ? {} : { limit };
    await sayNow(deps, { subject, facts: asking.facts }, [{ type: 'challenge.send_failed', ...place, why, ...met }]);
    return refusal;
  };
  const display = (await factor.display?.(draft.data, context)) ?? {};
  /** A second click has the answer of the first. */
  const running = async (retryAfterMs?: number): Promise<BegunDraft | undefined> => {
    const here = { owner: subject.owner, context: draft.context, channel, retryAfterMs };
    const sent = await runningDraft(deps, here, ({ id }) => id === draft.id);
    return sent && begunAs(deps, sent, display);
  };
  const { ip } = asking.facts;
  const send: Send = {
    subject,
    holds: visitorHolds(asking.visitor),
    context: draft.context,
    enrolmentId: draft.id,
    channel,
    to: to.to,
    ...(to.country === undefined ? {} : { country: to.country }),
    ...(ip === undefined ? {} : { ip }),
  };
  const way = { lane: laneOf(channel, to), who: marksOf(deps, send), to: send.to };
  const planned = await planRoute(deps, factor, way, draft.sent?.hops);
  if (!planned.ok) return (await running()) ?? (await refused(planned.why, planned));
  const counted = await countSend(deps, send, planned.carriers);
  if (!counted.ok) {
    const { limit, ...refusal } = counted;
    if (limit === undefined) return refusal;
    const before = counted.code === 'send_limited' ? await running(counted.retryAfterMs) : undefined;
    return before ?? (await refused('limited', refusal, limit));
  }
  // Whatever stronger kinds the user has: setting one more up is not answered with them.
  const account = { subject, enrolments: [], ...(pending ? { pending } : {}) };
  const admitted = await admitSend(deps, asking, { account, to, counted });
  if (!admitted.ok) {
    await takeBackSend(deps, send, counted);
    return await refused(admitted.why, admitted);
  }
  const route = await claimRoute(deps, planned);
  if (!route.ok) {
    await takeBackSend(deps, send, counted);
    return await refused(route.why, route);
  }
  const { sendNo } = counted;
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
  const at = deps.clock();
  const sent = { ...firstSent(route, prepared), sendNo, at, expiresAt: at + deps.limits.codeTtlMs };
  const holds = visitorHolds(asking.visitor);
  const written = await deps.store.commit(subject.owner, { writes: [...holds, put(deps, { ...draft, sent })] });
  if (written.ok)
    return await deliver(deps, asking, subject, { route, prepared, counted }, { place, to, draft, sent, display });
  await leaveRoute(deps, route);
  await takeBackSend(deps, send, counted);
  return refuse(written.index < holds.length ? 'sign_in_again' : 'enrolment_expired');
}

interface Place {
  readonly factor: string;
  readonly enrolmentId: string;
  readonly channel: Channel;
}

async function deliver(
  deps: FlowDeps,
  asking: Asking,
  subject: Subject,
  {
    route,
    prepared,
    counted,
  }: { readonly route: Route; readonly prepared: PreparedSend; readonly counted: CountedSend },
  what: {
    place: Place;
    to: Sending;
    draft: Draft;
    sent: NonNullable<Draft['sent']>;
    display: EnrolmentDisplay;
  },
): Promise<BegunDraft> {
  const { place, to, draft, sent, display } = what;
  const rewrite = async (known: Sent) =>
    (await deps.store.commit(subject.owner, { writes: [put(deps, { ...draft, sent: { ...sent, ...known } })] })).ok;
  const outcome = await followRoute(deps, route, prepared, rewrite);
  await correctCounts(deps, counted.shared, outcome);
  const carriers = carriersOf(outcome.hops);
  const said = say(deps, { subject, facts: asking.facts }, [
    outcome.ok
      ? { type: 'challenge.sent', ...place, destination: to.destination, ...carriers }
      : { type: 'challenge.send_failed', ...place, why: outcome.why, ...carriers },
  ]);
  const withCode: Draft = { ...draft, sent: { ...sent, data: outcome.data, hops: outcome.hops } };
  const kept = await deps.store.commit(subject.owner, {
    // Also of a send that came to nothing: a second click must see that.
    writes: [put(deps, withCode)],
    log: said.rows,
  });
  // Confirmed or thrown away meanwhile: the send happened all the same, and stays on record.
  if (!kept.ok) await deps.store.append(said.rows);
  deps.publish(said.events);
  if (!outcome.ok) return outcome.refusal;
  if (!kept.ok) return refuse('enrolment_expired');
  const waits = { kind: 'draft', id: draft.id } as const;
  const { factor, enrolmentId } = place;
  const { lane, who } = route;
  await rememberRefs(deps, asking, { subject, hops: outcome.hops, waits, factor, enrolmentId, lane, who });
  return begunAs(deps, withCode, display);
}

/** What whoever set the sending off is answered. */
export function begunAs({ limits }: Pick<FlowDeps, 'limits'>, draft: Draft, display: EnrolmentDisplay): BegunDraft {
  const wait = draft.sent && limits.resendWaitsMs[draft.sent.sendNo - 1];
  return { ok: true, draft, display, ...(wait === undefined ? {} : { resendAt: (draft.sent?.at ?? 0) + wait }) };
}

/** A set-up lives as long as it was given when it was begun, however often a code is sent. */
function put({ clock }: Pick<FlowDeps, 'clock'>, draft: Draft): Write {
  const ttlMs = Math.max(1, draft.expiresAt - clock());
  return { do: 'put', kind: 'draft', id: draft.id, data: draft as unknown as Json, ttlMs, if: 'present' };
}
