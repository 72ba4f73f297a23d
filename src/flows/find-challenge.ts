import { type Refusal, refuse } from '../core/errors.js';
import { challengeOf, contextOf, ownerOf, type Visitor } from './account.js';
import { isOwnChallengeId } from './challenge-ids.js';
import type { FlowDeps } from './deps.js';

/**
 * The challenge an answer is for. An id that was never ours does not exist; one of ours that is gone is for the commit to find out, so that
 * "expired" is decided in the same step that counts.
 */
export async function findChallengeId(
  deps: FlowDeps,
  visitor: Visitor,
  request: { readonly factorId: string; readonly challengeId?: string },
): Promise<string | Refusal> {
  const context = contextOf(visitor);
  if (request.challengeId !== undefined) {
    return isOwnChallengeId(deps.sealer, request.challengeId, context, request.factorId)
      ? request.challengeId
      : refuse('not_found');
  }
  const [challenges = []] = await deps.store.read(ownerOf(visitor), [{ kind: 'challenge' }]);
  const mine = challenges
    .map(challengeOf)
    .filter((one) => one.context === context && one.enrolmentId === request.factorId);
  return mine.at(-1)?.id ?? refuse('challenge_expired');
}
