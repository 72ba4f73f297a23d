import type { Input, Verdict } from '../core/factor.js';
import { Unreadable } from '../core/sealing.js';
import type { Enrolment } from '../core/words.js';
import { factorContext } from './account.js';
import type { FlowDeps } from './deps.js';
import type { Attempt } from './reserve-answer.js';

export interface Judged {
  readonly verdict: Verdict;
  /** The one whose answer it is; the first where it is nobody's. */
  readonly enrolment: Enrolment;
  /** Somebody's answer it may be, and nobody can tell: one of the enrolments does not open. Only where none of the others took it. */
  readonly unreadable?: Unreadable;
}

/**
 * Asks the factor about each enrolment that may have made the code. Only a literal `ok: true` is a yes; a factor that breaks is no answer at all. An enrolment
 * that does not open stands in nobody's way but its own.
 */
export async function judgeAnswer(deps: FlowDeps, attempt: Attempt, input: Input): Promise<Judged> {
  const { asking, subject, factor, material } = attempt;
  const verdicts: Judged[] = [];
  let unreadable: Unreadable | undefined;
  for (const enrolment of material.enrolments) {
    const context = factorContext(deps, subject, enrolment.id, asking.facts.locale);
    const answer = { enrolment, challenge: material.challenge?.data, input };
    const parts = material.parts
      .filter(({ id }) => id.startsWith(`${enrolment.id}.`))
      .map(({ id, data }) => ({ id, data }));
    try {
      const verdict = await (factor.verifyAmong
        ? factor.verifyAmong(answer, parts, context)
        : factor.verify(answer, context));
      verdicts.push({ verdict: literalVerdict(verdict), enrolment });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      unreadable ??= error;
      verdicts.push({ verdict: NOT_COMPARED, enrolment });
    }
  }
  // Nothing was compared only where that is so of every enrolment.
  const said =
    verdicts.find(({ verdict }) => verdict.ok) ??
    verdicts.find(({ verdict }) => !nothingCompared(verdict)) ??
    verdicts[0];
  if (said) return unreadable && !said.verdict.ok ? { ...said, unreadable } : said;
  throw new Error('express-mfa: no enrolment to judge.');
}

const NOT_COMPARED = { ok: false, reason: 'unavailable', reached: false } as const;

/** The only verdicts that give the try back. */
export function nothingCompared(verdict: Verdict): boolean {
  if (verdict.ok) return false;
  return verdict.reason === 'malformed' || (verdict.reason === 'unavailable' && verdict.reached === false);
}

/** A factor written without types may return anything. */
export function literalVerdict(verdict: Verdict | undefined): Verdict {
  const ok: unknown = verdict?.ok;
  if (verdict && ok === true) return verdict;
  if (verdict && ok === false) return verdict;
  return { ok: false, reason: 'unavailable', reached: true };
}
