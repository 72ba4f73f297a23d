import type { Factor, Input, Verdict } from '../core/factor.js';
import type { StoredRecord } from '../core/store.js';
import type { Challenge, Enrolment, Subject } from '../core/words.js';
import { type Asking, factorContext } from './account.js';
import type { FlowDeps } from './deps.js';

/** What is compared with the answer. */
export interface Material {
  readonly enrolments: readonly Enrolment[];
  readonly challenge?: Challenge;
  readonly parts: readonly StoredRecord[];
  readonly pending?: StoredRecord;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly enrolment: Enrolment;
}

/** Asks the factor about each enrolment that may have made the code. Only a literal `ok: true` is a yes; a factor that breaks is no answer at all. */
export async function judgeAnswer(
  deps: FlowDeps,
  asking: Asking,
  subject: Subject,
  factor: Factor,
  material: Material,
  input: Input,
): Promise<Judged> {
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
    verdicts.push({ verdict: literal(verdict), enrolment });
  }
  const yes = verdicts.find(({ verdict }) => verdict.ok);
  const [first] = verdicts;
  if (yes) return yes;
  if (first) return first;
  throw new Error('express-mfa: no enrolment to judge.');
}

/** A factor written without types may return anything. */
function literal(verdict: Verdict | undefined): Verdict {
  const ok: unknown = verdict?.ok;
  if (verdict && ok === true) return verdict;
  if (verdict && ok === false) return verdict;
  return { ok: false, reason: 'unavailable', reached: true };
}
