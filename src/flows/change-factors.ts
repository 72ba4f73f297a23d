/** What the three ways of taking something away or remaking it share: guarded, one commit, epoch up, session renewed. */
import { randomId } from '../core/codes.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { NewEvent } from '../core/events.js';
import type { Write } from '../core/store.js';
import { type Asking, contextOf, EPOCH, visitorHolds } from './account.js';
import type { FlowDeps } from './deps.js';
import type { MayChange } from './guard-change.js';
import { say } from './say.js';
import type { Ticket } from './ticket.js';

export interface FactorChange {
  readonly writes: readonly Write[];
  readonly news: readonly NewEvent[];
  readonly withoutEnrolments?: readonly string[];
  readonly proofId?: string;
}

export async function changeFactors(
  deps: FlowDeps,
  asking: Asking,
  may: MayChange,
  change: FactorChange,
): Promise<{ readonly ok: true; readonly ticket: Ticket } | Refusal> {
  const { subject } = may.account;
  const epoch = may.account.epoch + 1;
  const said = say(deps, { subject, facts: asking.facts }, change.news, epoch);
  const holds = visitorHolds(asking.visitor);
  const done = await deps.store.commit(subject.owner, {
    writes: [...holds, ...change.writes, { do: 'bump', ...EPOCH }],
    log: said.rows,
  });
  if (!done.ok) return refuse('conflict');
  deps.noteEpoch(subject.owner, epoch);
  deps.publish(said.events);
  return {
    ok: true,
    ticket: {
      purpose: 'step-up',
      subject,
      epoch,
      grants: [],
      from: contextOf(asking.visitor),
      proofId: change.proofId ?? randomId(),
      ...(change.withoutEnrolments ? { withoutEnrolments: change.withoutEnrolments } : {}),
    },
  };
}
