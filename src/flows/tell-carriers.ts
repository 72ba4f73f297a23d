import type { Factor } from '../core/factor.js';
import type { Json } from '../core/store.js';
import type { Subject } from '../core/words.js';
import { factorContext } from './account.js';
import type { FlowDeps } from './deps.js';

/** A code was answered rightly: some carriers want to know, to learn which of their routes work. Nobody signing in waits for that. */
export function tellCarriers(
  deps: FlowDeps,
  factor: Factor,
  challenge: Json,
  { subject, enrolmentId }: { readonly subject: Subject; readonly enrolmentId: string },
): void {
  // A factor of somebody else's may throw where it should reject: what was accepted stands.
  const told = async () => await factor.confirm?.(challenge, factorContext(deps, subject, enrolmentId));
  told().catch(() => undefined);
}
