import { type Refusal, refuse } from '../core/errors.js';
import { type Asking, visitorHolds } from './account.js';
import type { FlowDeps } from './deps.js';
import { guardChange } from './guard-change.js';
import { readName } from './names.js';
import { say } from './say.js';

/** Gives a factor another name; nothing about the proof changes. */
export async function renameFactor(
  deps: FlowDeps,
  asking: Asking,
  id: string,
  wanted: unknown,
): Promise<{ readonly ok: true } | Refusal> {
  const may = await guardChange(deps, asking, { forcedToo: false });
  if ('code' in may) return may;
  const enrolment = may.account.enrolments.find((one) => one.id === id);
  if (!enrolment) return refuse('not_found');
  const read = readName(wanted);
  if (!read.ok) return read;
  if (read.name === undefined) return refuse('field_invalid', { field: 'name' });
  const { subject } = may.account;
  const said = say(deps, { subject, facts: asking.facts }, [
    { type: 'factor.renamed', factor: enrolment.kind, enrolmentId: id, name: read.name },
  ]);
  const done = await deps.store.commit(subject.owner, {
    writes: [
      ...visitorHolds(asking.visitor),
      {
        do: 'put',
        kind: 'enrolment',
        id,
        data: { kind: enrolment.kind, name: read.name, data: enrolment.data },
        if: { version: enrolment.version },
      },
    ],
    log: said.rows,
  });
  if (!done.ok) return refuse('conflict');
  deps.publish(said.events);
  return { ok: true };
}
