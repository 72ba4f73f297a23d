import type { Input } from '../core/factor.js';
import type { Write } from '../core/store.js';
import type { Subject } from '../core/words.js';
import { EPOCH, factorContext, readOwner } from './account.js';
import { newEnrolmentId } from './challenge-ids.js';
import type { FlowDeps } from './deps.js';
import { readName } from './names.js';
import { say } from './say.js';
import type { By } from './void-credentials.js';

export type ImportOutcome =
  | { readonly outcome: 'imported' }
  /** The same secret of the same user was imported before; also when the user has removed it since. */
  | { readonly outcome: 'skipped' }
  | { readonly outcome: 'refused'; readonly reason: string };

/**
 * Takes over a factor that another system has confirmed. The epoch stays: a factor that was there all the time makes no proof void, and a million bumps would
 * have to be read by every process. Sign-ins and set-ups that began when the user seemed to have no factor are ended instead.
 */
export async function importFactor(
  deps: FlowDeps,
  subject: Subject,
  row: { readonly kind: string; readonly input: Input; readonly allowWeak: boolean },
  by: By = {},
): Promise<ImportOutcome> {
  const factor = deps.factors.get(row.kind);
  const name = readName(row.input.name);
  if (!name.ok) return refused('name_malformed');
  const id = newEnrolmentId(deps.sealer, row.kind, subject.owner);
  const read = await factor?.importEnrolment?.(row.input, factorContext(deps, subject, id));
  if (read === undefined) return refused('factor_unsupported');
  if (typeof read === 'string') return refused(read);
  if (read.weak && !row.allowWeak) return refused('secret_weak');

  const text = JSON.stringify(['imported', subject.owner, row.kind, read.sameAs]);
  const [before = []] = await deps.store.read(subject.owner, [{ kind: 'imported' }]);
  if (before.some((one) => deps.sealer.matchesKeyedHash(text, one.id))) return { outcome: 'skipped' };
  const { epoch, enrolments } = await readOwner(deps, subject);
  const ofKind = enrolments.filter(({ kind }) => kind === row.kind).length;
  const { factorsPerUser } = deps.limits;
  if (enrolments.length >= factorsPerUser || ofKind >= (factor?.maxPerUser ?? factorsPerUser))
    return refused('too_many_factors');

  const called = name.name ?? read.defaultName;
  const said = say(deps, { subject, ...by }, [
    { type: 'factor.imported', factor: row.kind, enrolmentId: id, name: called, weak: read.weak },
  ]);
  const data = { kind: row.kind, name: called, data: read.data };
  const writes: readonly Write[] = [
    // Two importers at once: the second loses here.
    { do: 'put', kind: 'imported', id: deps.sealer.keyedHash(text), data: null, if: 'absent' },
    { do: 'check', ...EPOCH, if: { mark: epoch } },
    { do: 'put', kind: 'enrolment', id, data, if: 'absent', atMost: factorsPerUser },
    ...(read.mark === undefined || read.mark === 0
      ? []
      : [{ do: 'raise', kind: 'enrolment', id, to: read.mark } as const]),
    ...(enrolments.length > 0
      ? []
      : [{ do: 'delete', kind: 'pending' } as const, { do: 'delete', kind: 'draft' } as const]),
  ];
  const done = await deps.store.commit(subject.owner, { writes, log: said.rows });
  if (!done.ok) return done.index === 0 ? { outcome: 'skipped' } : refused('conflict');
  deps.publish(said.events);
  return { outcome: 'imported' };
}

function refused(reason: string): ImportOutcome {
  return { outcome: 'refused', reason };
}
