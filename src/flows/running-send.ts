/** A second click while the code of the first one is on its way: it is answered with that send, and nothing is counted or sent. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../core/delivery.js';
import type { Challenge, Draft, Hop } from '../core/words.js';
import { challengeOf, draftOf } from './account.js';
import type { FlowDeps } from './deps.js';

/** Later than this it is no second click but somebody who wants another code. */
export const SECOND_CLICK_MS = 5_000;
/** Between being counted and being written down a send is nowhere to be seen. */
const UNSEEN_MS = 2_000;
const FIRST_LOOK_MS = 25;
const LONGEST_LOOK_MS = 400;

type Deps = Pick<FlowDeps, 'store' | 'clock' | 'limits'>;

interface Place {
  readonly owner: string;
  readonly context: string;
  readonly channel: Channel;
  /** How long the budgets ask to wait: right after a send that is as long as its pause. */
  readonly retryAfterMs?: number | undefined;
  /** Where it is known that another request began. */
  readonly isUnderWay?: true;
}

/** The challenge that another request of the same visitor is sending, once its carrier has answered; undefined where nothing came of it. */
export async function runningChallenge(
  deps: Deps,
  place: Place & { readonly enrolmentId: string },
): Promise<Challenge | undefined> {
  const { owner, context, channel, enrolmentId } = place;
  return await running(deps, place, async () => {
    const [records = []] = await deps.store.read(owner, [{ kind: 'challenge' }]);
    const open = records.map(challengeOf);
    const one = open.findLast((each) => each.context === context && each.enrolmentId === enrolmentId);
    return one?.channel === channel ? { one, sentAt: one.sentAt, hops: one.hops } : undefined;
  });
}

/** The same for a factor that is being set up: the draft whose code is on its way. */
export async function runningDraft(
  deps: Deps,
  place: Place,
  isIt: (draft: Draft) => boolean | Promise<boolean>,
): Promise<Draft | undefined> {
  const { owner, context, channel } = place;
  return await running(deps, place, async () => {
    const [records = []] = await deps.store.read(owner, [{ kind: 'draft' }]);
    for (const one of records.map(draftOf).reverse()) {
      const { sent } = one;
      if (!sent || one.context !== context || one.channel !== channel || !(await isIt(one))) continue;
      return { one, sentAt: sent.at, hops: sent.hops };
    }
    return undefined;
  });
}

interface Seen<T> {
  readonly one: T;
  readonly sentAt: number;
  readonly hops: readonly Hop[] | undefined;
}

/** Looks until the carrier has answered, for as long as a send may take. */
async function running<T>(
  { clock, limits }: Deps,
  { retryAfterMs, isUnderWay }: Place,
  look: () => Promise<Seen<T> | undefined>,
): Promise<T | undefined> {
  const unseenMs = isUnderWay || isJustCounted(limits.resendWaitsMs, retryAfterMs) ? UNSEEN_MS : 0;
  let isKnown = false;
  let waited = 0;
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, LONGEST_LOOK_MS)) {
    const found = await look();
    const seen: Seen<T> | undefined =
      found && (isKnown || clock() - found.sentAt < SECOND_CLICK_MS) ? found : undefined;
    if (seen && seen.hops?.at(-1)?.sent !== 'calling') return wentOut(seen.hops) ? seen.one : undefined;
    if (!seen && isKnown) return undefined;
    isKnown = seen !== undefined;
    if (waited >= (isKnown ? limits.sendTimeoutMs + UNSEEN_MS : unseenMs)) return undefined;
    await pause(wait);
    waited += wait;
  }
}

/** Whether what asks to wait may be the pause after a send of this moment. */
function isJustCounted(waits: readonly number[], retryAfterMs = 0): boolean {
  return waits.some((wait) => wait - SECOND_CLICK_MS < retryAfterMs && retryAfterMs <= wait);
}

/** A factor that names no carriers leaves no hops: what is kept of its send was sent. An unknown send with a reason is one that was told to have failed. */
function wentOut(hops: readonly Hop[] = []): boolean {
  return hops.length === 0 || hops.some(({ sent, why }) => sent === 'yes' || (sent === 'unknown' && why === undefined));
}
