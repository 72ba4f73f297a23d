import type { Input, Verdict } from '../core/factor.js';
import type { Enrolment } from '../core/words.js';
import { factorContext } from './account.js';
import type { FlowDeps } from './deps.js';
import type { Attempt } from './reserve-answer.js';

export interface Judged {
  readonly verdict: Verdict;
  /** The one whose answer it is; the first where it is nobody's. */
  readonly enrolment: Enrolment;
}

/** Asks the factor about each enrolment that may have made the code. Only a literal `ok: true` is a yes; a factor that breaks is no answer at all. */
export async function judgeAnswer(deps: FlowDeps, attempt: Attempt, input: Input): Promise<Judged> {
  const { asking, subject, factor, material } = attempt;
  const verdicts: Judged[] = [];
  for (const enrolment of material.enrolments) {
    const context = factorContext(deps, subject, enrolment.id, asking.facts.locale);
    const answer = { enrolment, challenge: material.challenge?.data, input };
    const parts = material.parts
      .filter(({ id }) => id.startsWith(`${enrolment.id}.`))
      .map(({ id, data }) => ({ id, data }));
    const verdict = await (factor.verifyAmong
      ? factor.verifyAmong(answer, parts, context)
      : factor.verify(answer, context));
    verdicts.push({ verdict: literalVerdict(verdict), enrolment });
  }
  const yes = verdicts.find(({ verdict }) => verdict.ok);
  const [first] = verdicts;
  if (yes) return yes;
  if (first) return first;
  throw new Error('express-mfa: no enrolment to judge.');
}

/** A factor written without types may return anything. */
export function literalVerdict(verdict: Verdict | undefined): Verdict {
  const ok: unknown = verdict?.ok;
  if (verdict && ok === true) return verdict;
  if (verdict && ok === false) return verdict;
  return { ok: false, reason: 'unavailable', reached: true };
}
