import type { NewEvent } from '../core/events.js';
import type { Write } from '../core/store.js';
import type { Subject } from '../core/words.js';
import { factorContext } from './account.js';
import { newEnrolmentId } from './challenge-ids.js';
import type { FlowDeps } from './deps.js';

export interface MadeCodes {
  readonly codes: readonly string[];
  /** For the commit: the old set goes and the new one comes in one step. */
  readonly writes: readonly Write[];
  readonly news: readonly NewEvent[];
}

/**
 * A whole new set, if backup codes are configured. The plain codes stay sealed in the store for a few minutes, bound to the session that made them, so that
 * they can be shown and downloaded without a script; then only their hashes are left.
 */
export async function makeBackupCodes(
  deps: FlowDeps,
  subject: Subject,
  showTo: string,
): Promise<MadeCodes | undefined> {
  const factor = [...deps.factors.values()].find((one) => one.role === 'backup');
  if (!factor?.makeSet) return undefined;
  const id = newEnrolmentId(deps.sealer, factor.kind, subject.owner);
  const set = await factor.makeSet(factorContext(deps, subject, id));
  const sealed = await deps.sealer.seal(JSON.stringify(set.codes), freshBinding(subject.owner, showTo));
  return {
    codes: set.codes,
    writes: [
      ...dropBackupCodes(),
      {
        do: 'put',
        kind: 'backup',
        id,
        data: { kind: factor.kind, name: factor.kind, data: set.data, total: set.codes.length },
        if: 'absent',
      },
      ...set.parts.map(
        (part): Write => ({ do: 'put', kind: 'part', id: `${id}.${part.id}`, data: part.data, if: 'absent' }),
      ),
      { do: 'put', kind: 'fresh-codes', id: showTo, data: { sealed }, ttlMs: deps.limits.freshCodesTtlMs },
    ],
    news: [{ type: 'backup_codes.made', count: set.codes.length }],
  };
}

export function dropBackupCodes(): readonly Write[] {
  return ['backup', 'part', 'fresh-codes'].map((kind): Write => ({ do: 'delete', kind }));
}

export function freshBinding(owner: string, showTo: string): readonly string[] {
  return ['fresh-codes', owner, showTo];
}
