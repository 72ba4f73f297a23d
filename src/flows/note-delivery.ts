import { createHash } from 'node:crypto';
import type { DeliveryReport } from '../core/carrier-webhook.js';
import type { WebhookName } from '../core/delivery.js';
import type { NewEvent } from '../core/events.js';
import type { Json, StoredRecord, Write } from '../core/store.js';
import type { Challenge, Draft } from '../core/words.js';
import { isLost } from '../policy/delivery-rate.js';
import { EPOCH } from './account.js';
import { noteEnd } from './delivery-rates.js';
import type { FlowDeps } from './deps.js';
import { channelFailed } from './failed-channels.js';
import { say } from './say.js';
import { refOwner, SENT_REF, SENT_REF_TTL_MS, type SentRef } from './sent-refs.js';
import { sendLost } from './track-record.js';

/** Longer than a reference is known, and than vendors repeat themselves. */
const HEARD_MS = 7 * 24 * 60 * 60_000;
const MOST_TRIES = 3;

/**
 * What a carrier says became of a send. It informs: whoever waits for the code, the log, and the choice of carriers. It proves nothing about the person, and no
 * sign-in goes on by it.
 *
 * The first end that is told counts; the same again, an older one, and one about a send that is not known change nothing. That is decided in one commit, and what
 * follows from it comes after: a crash in between loses the news, and nobody hears it twice.
 */
export async function noteDelivery(deps: FlowDeps, webhook: WebhookName, report: DeliveryReport): Promise<void> {
  const owner = refOwner(webhook, report.ref);
  const [[record] = []] = await deps.store.read(owner, [SENT_REF]);
  if (!record) return;
  const sent = record.data as unknown as SentRef | { readonly ended: string };
  if ('ended' in sent) return;
  const taken = await deps.store.commit(owner, {
    writes: [
      // A resend may have the reference of the send before: what was said of that one is not said of this.
      { do: 'put', kind: 'heard', id: digest(report.eventId), data: null, ttlMs: HEARD_MS, if: 'absent' },
      {
        do: 'put',
        ...SENT_REF,
        data: { ended: report.state },
        ttlMs: SENT_REF_TTL_MS,
        if: { version: record.version },
      },
    ],
  });
  if (!taken.ok) return;
  await tell(deps, webhook, sent, report, taken.now);
  await judge(deps, sent, report, record.createdAt);
}

/** What it says of the carrier. A set-up says nothing: anybody may type a number where no code arrives. */
async function judge(deps: FlowDeps, sent: SentRef, { state, why }: DeliveryReport, sentAt: number): Promise<void> {
  if (sent.waits.kind === 'draft') return;
  if (state === 'delivered') return await noteEnd(deps, sent, 'arrived');
  if (!isLost(why)) return;
  await noteEnd(deps, sent, 'lost');
  await sendLost(deps, sent.lane, sent.carrier, sentAt);
}

/** The page that waits for the answer, and the log. A record that was answered meanwhile is gone, and the log is told all the same. */
async function tell(
  deps: FlowDeps,
  webhook: WebhookName,
  sent: SentRef,
  report: DeliveryReport,
  now: number,
): Promise<void> {
  const { owner, userId: id, tenant, epoch, waits } = sent;
  const subject = { id, owner, ...(tenant === undefined ? {} : { tenant }) };
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const [[waiting] = []] = await deps.store.read(owner, [waits]);
    const said = say(deps, { subject }, [newsOf(sent, report)]);
    const told = await deps.store.commit(owner, {
      writes: [
        { do: 'check', ...EPOCH, if: { mark: epoch } },
        ...(waiting && tries + 1 < MOST_TRIES ? stateKept(waiting, webhook, report, now) : []),
        ...(waiting ? channelKept(deps, waiting, sent, report) : []),
      ],
      log: said.rows,
    });
    if (told.ok) return deps.publish(said.events);
    if (told.index === 0) return;
  }
}

function newsOf(
  { factor, enrolmentId, lane: { channel }, carrier }: SentRef,
  { state, why }: DeliveryReport,
): NewEvent {
  const about = { factor, enrolmentId, channel, carrier };
  return state === 'delivered'
    ? { type: 'challenge.delivered', ...about }
    : { type: 'challenge.undelivered', ...about, why: why ?? 'unreachable' };
}

/** A record that was sent again, by whomever, has other hops. */
function stateKept(
  record: StoredRecord,
  webhook: WebhookName,
  { ref, state }: DeliveryReport,
  now: number,
): readonly Write[] {
  const { kind, id, version, expiresAt = now } = record;
  const kept = record.data as unknown as Challenge & Draft;
  const last = kind === 'draft' ? kept.sent : kept;
  if (!last?.hops?.some((hop) => hop.webhook === webhook && hop.ref === ref)) return [];
  const known = { ...last, delivery: state };
  const data = (kind === 'draft' ? { ...kept, sent: known } : known) as unknown as Json;
  return [{ do: 'put', kind, id, data, ttlMs: Math.max(1, expiresAt - now), if: { version } }];
}

/** Whoever waits for the code is offered another channel. */
function channelKept(
  { factors }: Pick<FlowDeps, 'factors'>,
  { kind, data }: StoredRecord,
  { factor, enrolmentId, lane: { channel } }: SentRef,
  { state, why = 'unreachable' }: DeliveryReport,
): readonly Write[] {
  if (state !== 'undelivered') return [];
  const { context, asked, channel: newest } = data as unknown as Challenge | Draft;
  const what = { enrolmentId, channel, context, ...(asked && newest === channel ? { asked } : {}) };
  return channelFailed({ ...what, settingUp: kind === 'draft' }, factors.get(factor), why);
}

/** Short, whatever vendors call their events. */
function digest(eventId: string): string {
  return createHash('sha256').update(eventId).digest('base64url').slice(0, 22);
}
