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
  void factor.confirm?.(challenge, factorContext(deps, subject, enrolmentId)).catch(() => undefined);
}
