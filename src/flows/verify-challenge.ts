import { type Refusal, refuse } from '../core/errors.js';
import type { Input } from '../core/factor.js';
import { acceptAnswer } from './accept-answer.js';
import { type Asking, subjectOfVisitor } from './account.js';
import { mayChallenge, riskAllows } from './allowed-factors.js';
import { kindOfEnrolment } from './challenge-ids.js';
import type { FlowDeps } from './deps.js';
import { findChallengeId } from './find-challenge.js';
import { judgeAnswer } from './judge-answer.js';
import { captchaForAnswer, passCaptcha } from './pass-captcha.js';
import { rejectAnswer } from './reject-answer.js';
import { type Answering, type Attempt, reserveAnswer } from './reserve-answer.js';
import { takeBack } from './reserve-try.js';
import type { Ticket } from './ticket.js';

export interface AnswerRequest {
  /** An enrolment's id; or a kind, for factors that send nothing: any of the user's enrolments of that kind may have made the code. */
  readonly factorId: string;
  /** For factors that send; without it the newest challenge of that factor. */
  readonly challengeId?: string;
  readonly input: Input;
}

export type Verified = { readonly ok: true; readonly ticket: Ticket } | Refusal;

/**
 * Checks an answer and, when it is right, consumes everything it used up in one commit. Counted before compared: a try that is not admitted is not looked at.
 * What comes back on success is a ticket; nobody is signed in until the session has spent it.
 */
export async function verifyChallenge(deps: FlowDeps, asking: Asking, request: AnswerRequest): Promise<Verified> {
  const answering = await mayAnswer(deps, asking, request);
  if ('code' in answering) return answering;
  const reserved = await reserveAnswer(deps, answering);
  if (!reserved.ok) return reserved;
  const { attempt } = reserved;
  const barred = await barAnswer(deps, attempt);
  if (barred) {
    await takeBack(deps, attempt.subject, attempt.counts);
    return barred;
  }
  const { verdict, enrolment, unreadable } = await judgeAnswer(deps, attempt, request.input);
  if (verdict.ok) return await acceptAnswer(deps, attempt, { verdict, enrolment });
  const refusal = await rejectAnswer(deps, attempt, verdict);
  // "Not right" would be a lie, and for ever: the host hears which record it is, and the person that it is not their doing.
  if (unreadable) throw unreadable;
  return refusal;
}

/** What the counted try has brought to light, before anything is compared. */
async function barAnswer(deps: FlowDeps, attempt: Attempt): Promise<Refusal | undefined> {
  const { factor, material, counts, subject, asking } = attempt;
  if (factor.role !== 'backup' && !riskAllows(material.pending, factor.kind)) return refuse('not_found');
  if (!captchaForAnswer(deps, { factor, wrong: (counts[0]?.count ?? 1) - 1 })) return undefined;
  return await passCaptcha(deps, asking, { subject, before: 'answer' });
}

/** Everything that can be said without counting: nothing here depends on whether the answer is right. */
async function mayAnswer(deps: FlowDeps, asking: Asking, request: AnswerRequest): Promise<Answering | Refusal> {
  const { factorId } = request;
  const factor = deps.factors.get(kindOfEnrolment(factorId) || factorId);
  if (!factor) return refuse('not_found');
  const malformed = factor.refuseMalformed(request.input, 'challenge');
  if (malformed) return malformed;
  const subject = await subjectOfVisitor(deps, asking.visitor);
  if ('code' in subject) return subject;
  if (!(await mayChallenge(deps, { subject }, factor.kind))) return refuse('not_found');
  const challengeId = factor.prepareSend ? await findChallengeId(deps, asking.visitor, request) : undefined;
  if (typeof challengeId === 'object') return challengeId;
  return { asking, subject, factor, factorId, challengeId };
}
