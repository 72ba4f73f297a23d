import { type Asking, contextOf, ownerOf } from './account.js';
import type { FlowDeps } from './deps.js';
import { freshBinding } from './make-backup-codes.js';

/** The set this very session has just made and not yet called saved; undefined for everybody else. */
export async function freshBackupCodes(deps: FlowDeps, asking: Asking): Promise<readonly string[] | undefined> {
  const owner = ownerOf(asking.visitor);
  const context = contextOf(asking.visitor);
  const [fresh = []] = await deps.store.read(owner, [{ kind: 'fresh-codes', id: context }]);
  const [record] = fresh;
  if (!record) return undefined;
  const { sealed } = record.data as { sealed: string };
  return JSON.parse(await deps.sealer.open(sealed, freshBinding(owner, context))) as string[];
}

/** "I have saved these codes": from now on only their hashes are left. */
export async function backupCodesSaved(deps: FlowDeps, asking: Asking): Promise<void> {
  await deps.store.commit(ownerOf(asking.visitor), {
    writes: [{ do: 'delete', kind: 'fresh-codes', id: contextOf(asking.visitor) }],
  });
}
