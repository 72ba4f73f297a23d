import { refuse } from '../core/errors.js';
import type { Write } from '../core/store.js';
import { type Asking, usableEnrolments } from './account.js';
import { changeFactors } from './change-factors.js';
import type { FlowDeps } from './deps.js';
import { dropFailed } from './failed-channels.js';
import { guardChange } from './guard-change.js';
import { dropBackupCodes } from './make-backup-codes.js';
import { releaseNumbers } from './number-holders.js';

/** Takes one factor away. The last one takes the backup codes with it, and stays where policy asks for a factor. */
export async function removeFactor(deps: FlowDeps, asking: Asking, id: string) {
  const may = await guardChange(deps, asking, { forcedToo: false });
  if ('code' in may) return may;
  const enrolment = may.account.enrolments.find((one) => one.id === id);
  if (!enrolment) return refuse('not_found');
  const others = may.account.enrolments.filter((one) => one !== enrolment);
  const last = others.length === 0;
  // What is left but cannot be used (no longer configured, not allowed) would shut its owner out at the next sign-in.
  const isLocking = usableEnrolments(deps, others, may.policy.allows).length === 0 && (!last || may.policy.required);
  if (isLocking) return refuse('required_by_policy');
  const drop: readonly Write[] = [
    { do: 'delete', kind: 'enrolment', id, if: 'present' },
    { do: 'delete', kind: 'last-used', id },
    ...dropFailed(may.account.failedChannels, id),
  ];
  const done = await changeFactors(deps, asking, may, {
    writes: [...drop, ...(last ? dropBackupCodes() : [])],
    news: [{ type: 'factor.removed', factor: enrolment.kind, enrolmentId: id, last }],
    withoutEnrolments: last && may.account.backup ? [id, may.account.backup.id] : [id],
  });
  if (done.ok) await releaseNumbers(deps, may.account.subject, [enrolment]);
  return done;
}
