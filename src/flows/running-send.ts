/** A second click while the code of the first one is on its way: it is answered with what comes of that send, and nothing is counted or sent. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../core/delivery.js';
import type { Refusal } from '../core/errors.js';
import type { Challenge, Draft, Hop } from '../core/words.js';
import { challengeOf, draftOf } from './account.js';
import type { NotCounted } from './count-send.js';
import type { FlowDeps } from './deps.js';
import { refusalOf, SECOND_CLICK_MS, UNSENT } from './unsent.js';

/** Between being counted and being written down a send is nowhere to be seen. */
const UNSEEN_MS = 2_000;
const FIRST_LOOK_MS = 25;
const LONGEST_LOOK_MS = 400;

type Deps = Pick<FlowDeps, 'store' | 'clock' | 'limits'>;

/** Why this request sends nothing itself. */
export type NotSentBy = Pick<NotCounted, 'limit' | 'retryAfterMs'>;

interface Place {
  readonly owner: string;
  readonly context: string;
  readonly channel: Channel;
  /** `under-way`: it is known that another request began. */
  readonly because: NotSentBy | 'under-way';
}

/** What came of the send: what waits for its answer, or why it failed. Undefined where there is none of this moment. */
export type RunningSend<T> = { readonly ok: true; readonly record: T } | Refusal | undefined;

/** The challenge that another request of the same visitor is sending, once its carrier has answered. */
export async function runningChallenge(
  deps: Deps,
  place: Place & { readonly enrolmentId: string },
): Promise<RunningSend<Challenge>> {
  const { owner, context, channel, enrolmentId } = place;
  return await running(deps, place, async () => {
    const [records = [], failed = []] = await deps.store.read(owner, [{ kind: 'challenge' }, UNSENT]);
    const open = records.map(challengeOf);
    const one = open.findLast((each) => each.context === context && each.enrolmentId === enrolmentId);
    const refusal = refusalOf(failed, { context, enrolmentId, channel, sendNo: one?.sendNo });
    if (refusal) return refusal;
    return one?.channel === channel ? { record: one, sendNo: one.sendNo, at: one.sentAt, hops: one.hops } : undefined;
  });
}

/** The same for a factor that is being set up: the draft whose code is on its way. */
export async function runningDraft(
  deps: Deps,
  place: Place,
  isIt: (draft: Draft) => boolean | Promise<boolean>,
): Promise<RunningSend<Draft>> {
  const { owner, context, channel } = place;
  return await running(deps, place, async () => {
    const [records = [], failed = []] = await deps.store.read(owner, [{ kind: 'draft' }, UNSENT]);
    for (const record of records.map(draftOf).reverse()) {
      const { id: enrolmentId, sent } = record;
      if (!sent || record.context !== context || record.channel !== channel || !(await isIt(record))) continue;
      return refusalOf(failed, { context, enrolmentId, channel, sendNo: sent.sendNo }) ?? { ...sent, record };
    }
    return undefined;
  });
}

interface Seen<T> {
  readonly record: T;
  readonly sendNo: number;
  readonly at: number;
  readonly hops?: readonly Hop[] | undefined;
}

/** Looks until the carrier has answered, for as long as a send may take. */
async function running<T>(
  { clock, limits }: Deps,
  { because }: Place,
  look: () => Promise<Seen<T> | Refusal | undefined>,
): Promise<RunningSend<T>> {
  let isKnown = false;
  let waited = 0;
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, LONGEST_LOOK_MS)) {
    const found = await look();
    if (found && 'code' in found) return found;
    const seen: Seen<T> | undefined = found && (isKnown || clock() - found.at < SECOND_CLICK_MS) ? found : undefined;
    if (seen && seen.hops?.at(-1)?.sent !== 'calling') return { ok: true, record: seen.record };
    if (!seen && isKnown) return undefined;
    isKnown = seen !== undefined;
    const unseenMs = because === 'under-way' || isJustCounted(limits, because, found, clock()) ? UNSEEN_MS : 0;
    if (waited >= (isKnown ? limits.sendTimeoutMs + UNSEEN_MS : unseenMs)) return undefined;
    await pause(wait);
    waited += wait;
  }
}

/** Whether it may be a send of this very moment, not to be seen yet, that has to be waited after. */
function isJustCounted(
  { resendWaitsMs }: Deps['limits'],
  { limit, retryAfterMs = 0 }: NotSentBy,
  before: Pick<Seen<unknown>, 'sendNo' | 'at'> | undefined,
  now: number,
): boolean {
  if (limit !== 'resend') return false;
  if (!before) return resendWaitsMs.some((wait) => wait - SECOND_CLICK_MS < retryAfterMs && retryAfterMs <= wait);
  // After the last code there is no further one; and where the pause after this one is over, it is another's.
  const wait = resendWaitsMs[before.sendNo - 1];
  return wait !== undefined && now - before.at >= wait;
}
