import { randomId } from '../core/codes.js';
import { type Refusal, refuse } from '../core/errors.js';
import { codesMade } from '../policy/limits.js';
import { type Asking, visitorHolds } from './account.js';
import { changeFactors } from './change-factors.js';
import type { FlowDeps } from './deps.js';
import { guardChange } from './guard-change.js';
import { makeBackupCodes } from './make-backup-codes.js';
import type { Ticket } from './ticket.js';

export type RegeneratedCodes =
  | { readonly ok: true; readonly codes: readonly string[]; readonly ticket: Ticket }
  | Refusal;

/** A new set; the old one is dead in the same step. Counted before the slow work. */
export async function regenerateBackupCodes(deps: FlowDeps, asking: Asking): Promise<RegeneratedCodes> {
  const may = await guardChange(deps, asking, { forcedToo: false });
  if ('code' in may) return may;
  if (may.kinds.length === 0) return refuse('not_found');
  const counted = await deps.store.commit(may.account.subject.owner, {
    writes: visitorHolds(asking.visitor),
    hits: [codesMade()],
  });
  if (!counted.ok && counted.reason === 'condition') return refuse('sign_in_again');
  if (!counted.ok)
    return refuse('rate_limited', { retryAfterMs: Math.max(1000, (counted.retryAt ?? 0) - counted.now) });
  const proofId = randomId();
  const made = await makeBackupCodes(deps, may.account.subject, proofId);
  if (!made) return refuse('not_found');
  const done = await changeFactors(deps, asking, may, { writes: made.writes, news: made.news, proofId });
  return done.ok ? { ...done, codes: made.codes } : done;
}
