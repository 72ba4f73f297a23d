import type { Factor } from '../core/factor.js';
import type { HostUser, PendingSignIn } from '../core/words.js';
import { type ReadPolicy, readPolicy } from '../policy/sign-in-verdict.js';
import type { Account } from './account.js';
import type { FlowDeps } from './deps.js';

/** The host's policy about one user. A kind whose codes may go by none of its channels is not allowed. */
export async function policyOn(deps: Pick<FlowDeps, 'ask' | 'factors'>, user: HostUser): Promise<ReadPolicy> {
  const policy = readPolicy(await deps.ask.policy(user));
  const hasWay = (kind: string) => deps.factors.get(kind)?.channels?.some(policy.allowsChannel) ?? true;
  return { ...policy, allows: (kind) => policy.allows(kind) && hasWay(kind) };
}

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
  return factor !== undefined && mayAnswer(account, factor, await policyOn(deps, account.subject.user));
}

/** The same where the policy was asked already. */
export function mayAnswer({ pending }: Pick<Account, 'pending'>, { role, kind }: Factor, policy: ReadPolicy): boolean {
  return role === 'backup' || (riskAllows(pending, kind) && policy.allows(kind));
}
