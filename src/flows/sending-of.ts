import type { Sending } from '../core/factor.js';
import { Unreadable } from '../core/sealing.js';
import type { Enrolment, Subject } from '../core/words.js';
import { factorContext } from './account.js';
import type { FlowDeps } from './deps.js';

/** Where codes of an enrolment go, for a list of several: one that does not open must not take the others with it. */
export async function sendingOf(
  deps: FlowDeps,
  subject: Subject,
  { id, kind, data }: Enrolment,
): Promise<Sending | Unreadable | undefined> {
  try {
    return await deps.factors.get(kind)?.sending?.(data, factorContext(deps, subject, id));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    deps.report(error);
    return error;
  }
}
