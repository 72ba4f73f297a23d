import { type Refusal, refuse } from '../core/errors.js';
import type { ReadPolicy } from '../policy/sign-in-verdict.js';
import { type Account, type Asking, kindsOf, readAccount } from './account.js';
import { policyOn } from './allowed-factors.js';
import type { FlowDeps } from './deps.js';

export interface MayChange {
  readonly account: Account;
  readonly policy: ReadPolicy;
  /** Kinds of the confirmed real factors. */
  readonly kinds: readonly string[];
  readonly forced: boolean;
}

/**
 * May this visitor change factors? Someone with a factor needs a fresh proof by one; someone without needs a first factor proved just now. A pending
 * sign-in may not, unless policy sent it here to set up its first factor (`forced`).
 */
export async function guardChange(
  deps: FlowDeps,
  asking: Asking,
  options: { readonly forcedToo: boolean },
): Promise<MayChange | Refusal> {
  const { visitor } = asking;
  const account = await readAccount(deps, visitor);
  if ('code' in account) return account;
  const kinds = kindsOf(account.enrolments);
  const policy = await policyOn(deps, account.subject.user);
  if (visitor.state === 'pending') {
    const forced = account.pending?.next === 'enrol' && kinds.length === 0;
    return forced && options.forcedToo ? { account, policy, kinds, forced } : refuse('mfa_required');
  }
  return isFresh(deps, asking, kinds.length > 0)
    ? { account, policy, kinds, forced: false }
    : refuse('fresh_proof_required');
}

/** With a factor: one of the second factors proved in the last ten minutes. Without: the first factor, or the password asked for again. */
export function isFresh(deps: Pick<FlowDeps, 'clock' | 'limits'>, { visitor }: Asking, hasFactor: boolean): boolean {
  if (visitor.state !== 'signed-in') return false;
  const { proof } = visitor;
  const since = deps.clock() - deps.limits.freshMs;
  if (hasFactor) return proof.grants.some((grant) => grant.enrolment !== undefined && grant.at >= since);
  return proof.firstFactorAt >= since || proof.grants.some((grant) => grant.factor === 'password' && grant.at >= since);
}
