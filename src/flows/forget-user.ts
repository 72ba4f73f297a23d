import type { Subject } from '../core/words.js';
import type { FlowDeps } from './deps.js';
import { dropEverything } from './drop-everything.js';
import { LOOKED_UP } from './kept-lookups.js';
import { NETWORK } from './known-networks.js';
import { releaseNumbers } from './number-holders.js';
import { type By, voidAll } from './void-credentials.js';

export interface Forgetting extends By {
  /**
   * `delete` (default): the user's rows of the audit log go, but for the one that says so. `keep`: they stay until `auditFor` is over, where a law or a
   * standard asks for them.
   */
  readonly audit?: 'delete' | 'keep';
}

/**
 * The account is deleted. One commit takes every record and counter and makes the epoch grow; the epoch is all that stays, because without it the sessions
 * and unfinished requests of before would fit whoever is given the id next. The rows go afterwards: a crash in between leaves a user who is forgotten
 * and rows that the next call takes.
 */
export async function forgetUser(
  deps: FlowDeps,
  subject: Subject,
  { audit = 'delete', ...by }: Forgetting = {},
): Promise<void> {
  const rest = ['imported', NETWORK.kind, LOOKED_UP].map((kind) => ({ do: 'delete', kind }) as const);
  const writes = [...dropEverything(), ...rest];
  await voidAll(
    deps,
    subject,
    by,
    writes,
    { type: 'user.forgotten' },
    [{ do: 'clear', prefix: '' }],
    async ({ rows }, { enrolments }) => {
      await releaseNumbers(deps, subject, enrolments);
      if (audit === 'delete') await deps.store.forget(subject.owner, { rowsBut: rows.map(({ id }) => id) });
    },
  );
}
