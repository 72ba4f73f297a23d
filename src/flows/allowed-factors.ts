import type { PendingSignIn } from '../core/words.js';
import { readPolicy } from '../policy/sign-in-verdict.js';
import type { Account } from './account.js';
import type { FlowDeps } from './deps.js';

/** A sign-in that looked risky may be held to stronger kinds. */
export function riskAllows(pending: PendingSignIn | undefined, kind: string): boolean {
  return pending?.risk?.kinds?.includes(kind) ?? true;
}

/** May this user answer with this kind? Backup codes stand in for whatever is allowed. */
export async function mayChallenge(
  deps: FlowDeps,
  account: Pick<Account, 'subject' | 'pending'>,
  kind: string,
): Promise<boolean> {
  const factor = deps.factors.get(kind);
  if (!factor) return false;
  if (factor.role === 'backup') return true;
  if (!riskAllows(account.pending, kind)) return false;
  return readPolicy(await deps.ask.policy(account.subject.user)).allows(kind);
}
