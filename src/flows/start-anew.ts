import { type Refusal, refuse } from '../core/errors.js';
import { challengeTries, lockOf } from '../policy/limits.js';
import { type Asking, contextOf, ownerOf, visitorHolds } from './account.js';
import type { FlowDeps } from './deps.js';
import { lockedUntil } from './reserve-try.js';

/** A new challenge for a factor that sends nothing; the user's own budget of wrong answers stays as it is, and so does a lock. */
export async function startAnew(
  deps: FlowDeps,
  asking: Asking,
  factorId: string,
  kind: string,
): Promise<{ readonly ok: true } | Refusal> {
  const { key } = challengeTries(contextOf(asking.visitor), factorId, deps.limits);
  const done = await deps.store.commit(ownerOf(asking.visitor), {
    hits: [lockOf(kind, deps.limits)],
    writes: visitorHolds(asking.visitor),
    counters: [{ do: 'settle', key, upTo: Number.MAX_SAFE_INTEGER }],
  });
  if (done.ok) return { ok: true };
  return done.reason === 'limit' ? lockedUntil(done.retryAt, done.now) : refuse('sign_in_again');
}
