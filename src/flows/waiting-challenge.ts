/** A challenge as the record that waits for a sent code: bound to one enrolment and one sign-in, made anew for each code. */
import type { Json } from '../core/store.js';
import type { Challenge } from '../core/words.js';
import { type Asking, contextOf } from './account.js';
import { newChallengeId } from './challenge-ids.js';
import { keptOf } from './choose-channel.js';
import { hasTriesLeft, triesForgotten } from './count-send.js';
import type { FlowDeps } from './deps.js';
import { runningChallenge } from './running-send.js';
import type { CodeToSend, Waiting } from './send-code.js';

export function waitingChallenge(
  deps: FlowDeps,
  asking: Asking,
  { enrolment, chosen, to }: Omit<CodeToSend<Challenge>, 'waiting'>,
  challenges: readonly Challenge[],
): Waiting<Challenge> {
  const { sealer, clock, limits } = deps;
  const context = contextOf(asking.visitor);
  const { id: enrolmentId, kind } = enrolment;
  const place = { context, enrolmentId };
  const { channel } = chosen;
  const before = challenges.findLast((one) => one.context === context && one.enrolmentId === enrolmentId);
  return {
    kind: 'challenge',
    lastHops: before?.channel === channel ? before.hops : undefined,
    async running(send, because) {
      const { owner } = send.subject;
      const sent = await runningChallenge(deps, { owner, ...place, channel, because });
      return sent?.ok && !(await hasTriesLeft(deps, send)) ? undefined : sent;
    },
    next({ open, usedUp, sendNo }) {
      const id = newChallengeId(sealer, context, enrolmentId);
      const sentAt = clock();
      const expiresAt = sentAt + limits.codeTtlMs;
      const made = { id, ...place, kind, ...keptOf(chosen), destination: to.destination, sendNo, sentAt, expiresAt };
      const previous = usedUp ? undefined : open.at(-1)?.data;
      return {
        sendId: id,
        ...(previous === undefined ? {} : { previous }),
        record: (sent) => ({ ...made, ...sent }),
      };
    },
    put({ id, expiresAt: _, ...data }) {
      return { do: 'put', kind: 'challenge', id, data: data as unknown as Json, ttlMs: limits.codeTtlMs };
    },
    beside: ({ open, usedUp }) => ({
      // Only the newest code of a factor counts: the one before goes in the same step.
      writes: [
        { do: 'check', kind: 'enrolment', id: enrolmentId, if: 'present' },
        ...open.map(({ id }) => ({ do: 'delete', kind: 'challenge', id }) as const),
      ],
      counters: usedUp || open.length === 0 ? [triesForgotten(deps, place)] : [],
    }),
    whenFailed: ({ id }) => ({ do: 'delete', kind: 'challenge', id, if: 'present' }),
    gone: { before: 'not_found', after: 'conflict' },
  };
}
