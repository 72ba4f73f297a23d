import { type Refusal, refuse } from '../core/errors.js';
import type { Draft } from '../core/words.js';
import { type Account, type Asking, contextOf } from './account.js';
import { isOwnEnrolmentId } from './challenge-ids.js';
import type { FlowDeps } from './deps.js';

/** A set-up belongs to the session that began it. One of this user's that is gone has expired; anybody else's does not exist. */
export function findDraft(deps: FlowDeps, asking: Asking, account: Account, id: string): Draft | Refusal {
  const draft = account.drafts.find((one) => one.id === id);
  if (draft) return draft.context === contextOf(asking.visitor) ? draft : refuse('not_found');
  if (account.enrolments.some((one) => one.id === id)) return refuse('already_set_up');
  return isOwnEnrolmentId(deps.sealer, id, account.subject.owner) ? refuse('enrolment_expired') : refuse('not_found');
}
