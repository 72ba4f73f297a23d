import { type Refusal, refuse } from '../core/errors.js';
import type { Verdict } from '../core/factor.js';
import type { FlowDeps } from './deps.js';
import { type Attempt, purposeOf } from './reserve-answer.js';
import { attemptsLeft, lockNews, takeBack } from './reserve-try.js';
import { sayNow } from './say.js';

/** The answer was not right, or nobody could tell. The try stays counted unless it is certain that nothing was compared. */
export async function rejectAnswer(
  deps: FlowDeps,
  attempt: Attempt,
  verdict: Verdict & { ok: false },
): Promise<Refusal> {
  const { asking, subject, factor, factorId, counts } = attempt;
  if (verdict.reason === 'unavailable' && !verdict.reached) await takeBack(deps, subject, counts);
  const reason = verdict.reason === 'wrong' ? 'code_wrong' : verdict.reason;
  await sayNow(deps, { subject, facts: asking.facts }, [
    { type: 'challenge.failed', factor: factor.kind, enrolmentId: factorId, purpose: purposeOf(asking), reason },
    ...lockNews(counts, factor.kind, deps),
  ]);
  if (verdict.reason === 'gone') return refuse('challenge_expired');
  if (verdict.reason === 'unavailable') return refuse('delivery_unavailable', { retryAfterMs: 10_000 });
  return refuse('code_wrong', { attemptsLeft: attemptsLeft(counts, deps) });
}
