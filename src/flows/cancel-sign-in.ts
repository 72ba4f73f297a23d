import type { Asking } from './account.js';
import { subjectOfVisitor } from './account.js';
import type { FlowDeps } from './deps.js';
import { say } from './say.js';

/** Ends a pending sign-in. What was counted stays counted. */
export async function cancelSignIn(deps: FlowDeps, asking: Asking): Promise<void> {
  const { visitor } = asking;
  if (visitor.state !== 'pending') return;
  const subject = await subjectOfVisitor(deps, visitor);
  const about = 'code' in subject ? { id: visitor.userId, owner: visitor.owner } : subject;
  const said = say(deps, { subject: about, facts: asking.facts }, [{ type: 'sign_in.cancelled' }]);
  const done = await deps.store.commit(visitor.owner, {
    writes: [{ do: 'delete', kind: 'pending', id: visitor.pendingId, if: 'present' }],
    log: said.rows,
  });
  if (done.ok) deps.publish(said.events);
}
