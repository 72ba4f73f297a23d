import type { Json } from '../core/store.js';
import type { Enrolment, Subject } from '../core/words.js';
import { factorContext } from './account.js';
import type { FlowDeps } from './deps.js';
import { sealedTexts, withSealedTexts } from './sealed-texts.js';

/**
 * After `secrets` got a new first entry: what an older one sealed is sealed with the newest, the next time it is used. Best effort: a sign-in does not
 * wait for it to succeed, and whoever changed the enrolment meanwhile wins.
 */
export async function sealAnew(deps: FlowDeps, subject: Subject, enrolment: Enrolment): Promise<void> {
  const { id, kind, name, data, version } = enrolment;
  if (!sealedTexts(data).some(deps.sealer.isStale)) return;
  try {
    const renewed = await sealedByNewest(deps, subject, { id, data });
    await deps.store.commit(subject.owner, {
      writes: [{ do: 'put', kind: 'enrolment', id, data: { kind, name, data: renewed }, if: { version } }],
    });
  } catch {
    // The next time will do.
  }
}

/** The enrolment's data as the newest secret seals them; throws `Unreadable` where an older one is gone. */
export async function sealedByNewest(
  deps: FlowDeps,
  subject: Subject,
  { id, data }: { readonly id: string; readonly data: Json },
): Promise<Json> {
  const { open, seal } = factorContext(deps, subject, id);
  return await withSealedTexts(data, async (text) => (deps.sealer.isStale(text) ? await seal(await open(text)) : text));
}
