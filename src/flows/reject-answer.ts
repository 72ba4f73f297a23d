import { type Refusal, refuse } from '../core/errors.js';
import type { Verdict } from '../core/factor.js';
import type { FlowDeps } from './deps.js';
import { nothingCompared } from './judge-answer.js';
import { captchaForAnswer } from './pass-captcha.js';
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
  const isCounted = !nothingCompared(verdict);
  if (!isCounted) await takeBack(deps, subject, counts);
  if (verdict.reason === 'malformed') return refuse('code_malformed', { field: 'code' });
  if (verdict.reason === 'gone') await voidChallenge(deps, attempt);
  const reason = verdict.reason === 'wrong' ? 'code_wrong' : verdict.reason;
  await sayNow(deps, { subject, facts: asking.facts }, [
    { type: 'challenge.failed', factor: factor.kind, enrolmentId: factorId, purpose: purposeOf(asking), reason },
    ...(isCounted ? lockNews(counts, factor.kind, deps) : []),
  ]);
  if (verdict.reason === 'gone') return refuse('challenge_expired');
  if (verdict.reason === 'unavailable') return refuse('delivery_unavailable', { retryAfterMs: 10_000 });
  const captcha = captchaForAnswer(deps, { factor, wrong: counts[0]?.count ?? 0 });
  return refuse('code_wrong', { attemptsLeft: attemptsLeft(counts, deps), ...(captcha ? { captcha } : {}) });
}

/** The other side no longer knows the code: it is void for good, and the next one starts a new challenge. */
async function voidChallenge(deps: FlowDeps, { subject, challengeId }: Attempt): Promise<void> {
  if (challengeId === undefined) return;
  await deps.store.commit(subject.owner, { writes: [{ do: 'delete', kind: 'challenge', id: challengeId }] });
}
