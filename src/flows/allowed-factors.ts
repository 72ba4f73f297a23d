import { readPolicy } from '../policy/sign-in-verdict.js';
import type { Account } from './account.js';
import type { FlowDeps } from './deps.js';

/** May this user answer with this kind? Backup codes stand in for whatever is allowed. */
export async function mayChallenge(deps: FlowDeps, account: Pick<Account, 'subject'>, kind: string): Promise<boolean> {
  const factor = deps.factors.get(kind);
  if (!factor) return false;
  if (factor.role === 'backup') return true;
  return readPolicy(await deps.ask.policy(account.subject.user)).allows(kind);
}
