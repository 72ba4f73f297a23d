/** Whose send a carrier means, when it tells how it ended: by the reference it gave, for a day. */
import type { WebhookName } from '../core/delivery.js';
import type { Json } from '../core/store.js';
import type { Hop, Subject, UserId } from '../core/words.js';
import { type Asking, epochOf } from './account.js';
import type { Lane } from './carrier-breakers.js';
import type { FlowDeps } from './deps.js';

/** One send that a carrier took. */
export interface SentRef {
  readonly owner: string;
  readonly userId: UserId;
  readonly tenant?: string;
  /** Under another one the person's factors have changed, or they are forgotten, and it is nobody's business any more. */
  readonly epoch: number;
  /** The record that waits for the answer. */
  readonly waits: { readonly kind: 'challenge' | 'draft'; readonly id: string };
  readonly factor: string;
  readonly enrolmentId: string;
  readonly lane: Lane;
  readonly carrier: string;
  /** For the breaker, which counts people: the user and the number, as keyed hashes. */
  readonly who: readonly string[];
}

export const SENT_REF = { kind: 'sent', id: 'sent' } as const;
export const SENT_REF_TTL_MS = 24 * 60 * 60_000;
/** Carriers' references are ids; a delivery of somebody else's may call a send anything. */
const LONGEST_REF = 200;

/** Every reference has a partition of its own: carriers know nothing of users. Those of two vendors may meet. */
export function refOwner(webhook: WebhookName, ref: string): string {
  return `sent:${webhook}:${ref}`;
}

/** After what was sent is written down, so that a report finds it there. Best effort: a send that happened must not fail over it. */
export async function rememberRefs(
  deps: FlowDeps,
  asking: Asking,
  {
    subject: { id, owner, tenant },
    hops,
    ...send
  }: Pick<SentRef, 'waits' | 'factor' | 'enrolmentId' | 'lane' | 'who'> & {
    readonly subject: Subject;
    readonly hops: readonly Hop[];
  },
): Promise<void> {
  const about = {
    owner,
    userId: id,
    ...(tenant === undefined ? {} : { tenant }),
    epoch: epochOf(asking.visitor),
    ...send,
  };
  const writing = hops.map(async ({ ref = '', webhook, carrier }) => {
    if (!webhook || !deps.webhooks.includes(webhook) || ref === '' || ref.length > LONGEST_REF) return;
    const data = { ...about, carrier } as unknown as Json;
    await deps.store.commit(refOwner(webhook, ref), {
      writes: [{ do: 'put', ...SENT_REF, data, ttlMs: SENT_REF_TTL_MS }],
    });
  });
  try {
    await Promise.all(writing);
  } catch (error) {
    deps.report(error);
  }
}
