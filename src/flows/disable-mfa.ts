import { refuse } from '../core/errors.js';
import type { Asking } from './account.js';
import { changeFactors } from './change-factors.js';
import type { FlowDeps } from './deps.js';
import { dropEverything } from './drop-everything.js';
import { guardChange } from './guard-change.js';
import { releaseNumbers } from './number-holders.js';

/** All factors off at once, where policy allows. Other sessions of the user are ended, where the host can. */
export async function disableMfa(deps: FlowDeps, asking: Asking) {
  const may = await guardChange(deps, asking, { forcedToo: false });
  if ('code' in may) return may;
  if (may.policy.required) return refuse('required_by_policy');
  if (may.kinds.length === 0) return refuse('not_found');
  const done = await changeFactors(deps, asking, may, {
    writes: dropEverything(),
    news: [{ type: 'mfa.disabled' }],
    withoutEnrolments: [...may.account.enrolments, ...(may.account.backup ? [may.account.backup] : [])].map(
      ({ id }) => id,
    ),
  });
  if (done.ok) {
    await releaseNumbers(deps, may.account.subject, may.account.enrolments);
    await deps.ask.endSessions(may.account.subject.id, 'mfa.disabled');
  }
  return done;
}
