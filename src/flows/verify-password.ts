import { randomId } from '../core/codes.js';
import { refuse } from '../core/errors.js';
import { type Asking, contextOf, subjectOfVisitor } from './account.js';
import type { FlowDeps } from './deps.js';
import { attemptsLeft, lockNews, reserveTry } from './reserve-try.js';
import { say, sayNow } from './say.js';
import type { Verified } from './verify-challenge.js';

/** The factor id of the password in a step-up. */
export const PASSWORD = 'password';

/** Asks for the password again: the fresh proof of a signed-in user who has no factor yet. Anyone with a factor uses that. */
export async function verifyPassword(deps: FlowDeps, asking: Asking, password: unknown): Promise<Verified> {
  if (asking.visitor.state !== 'signed-in' || !deps.ask.verifyPassword) return refuse('not_found');
  if (typeof password !== 'string' || password === '' || password.length > 1024)
    return refuse('field_invalid', { field: 'password' });
  const subject = await subjectOfVisitor(deps, asking.visitor);
  if ('code' in subject) return subject;
  const [enrolments = []] = await deps.store.read(subject.owner, [{ kind: 'enrolment' }]);
  if (enrolments.length > 0) return refuse('not_found');
  const reserved = await reserveTry(deps, {
    subject,
    asking,
    factorId: PASSWORD,
    kind: PASSWORD,
    writes: [],
    reads: [],
  });
  if (!reserved.ok) return 'condition' in reserved ? refuse('sign_in_again') : reserved;

  const about = { subject, facts: asking.facts };
  const place = { factor: PASSWORD, enrolmentId: PASSWORD, purpose: 'step-up' } as const;
  if ((await deps.ask.verifyPassword(subject.user, password)) !== true) {
    await sayNow(deps, about, [
      { type: 'challenge.failed', ...place, reason: 'code_wrong' },
      ...lockNews(reserved.counts, PASSWORD, deps),
    ]);
    return refuse('code_wrong', { field: 'password', attemptsLeft: attemptsLeft(reserved.counts, deps) });
  }
  const said = say(deps, about, [{ type: 'challenge.passed', ...place }]);
  const done = await deps.store.commit(subject.owner, {
    writes: [{ do: 'check', kind: 'epoch', id: 'epoch', if: { mark: asking.visitor.proof.epoch } }],
    counters: reserved.counts.map(({ key, total }) => ({ do: 'settle', key, upTo: total }) as const),
    log: said.rows,
  });
  if (!done.ok) return refuse('sign_in_again');
  deps.publish(said.events);
  return {
    ok: true,
    ticket: {
      purpose: 'step-up',
      subject,
      epoch: asking.visitor.proof.epoch,
      grants: [{ factor: PASSWORD, at: deps.clock(), amr: ['pwd'] }],
      from: contextOf(asking.visitor),
      proofId: randomId(),
    },
  };
}
