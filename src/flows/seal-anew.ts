import type { Json } from '../core/store.js';
import type { Enrolment, Subject } from '../core/words.js';
import { factorContext } from './account.js';
import type { FlowDeps } from './deps.js';

const SEALED = /^s1\.[\w-]{8}\./;

/**
 * After `secrets` got a new first entry: what an older one sealed is sealed with the newest, the next time it is used. Best effort: a sign-in does not
 * wait for it to succeed, and whoever changed the enrolment meanwhile wins.
 */
export async function sealAnew(deps: FlowDeps, subject: Subject, enrolment: Enrolment): Promise<void> {
  const { id, kind, name, data, version } = enrolment;
  if (!holdsStale(deps, data)) return;
  const { open, seal } = factorContext(deps, subject, id);
  try {
    const renewed = await eachText(data, async (text) => (isStale(deps, text) ? await seal(await open(text)) : text));
    await deps.store.commit(subject.owner, {
      writes: [{ do: 'put', kind: 'enrolment', id, data: { kind, name, data: renewed }, if: { version } }],
    });
  } catch {
    // The next time will do.
  }
}

function isStale({ sealer }: Pick<FlowDeps, 'sealer'>, text: string): boolean {
  return SEALED.test(text) && sealer.isStale(text);
}

function holdsStale(deps: Pick<FlowDeps, 'sealer'>, data: Json): boolean {
  if (typeof data === 'string') return isStale(deps, data);
  return typeof data === 'object' && data !== null && Object.values(data).some((one) => holdsStale(deps, one as Json));
}

async function eachText(data: Json, change: (text: string) => Promise<string>): Promise<Json> {
  if (typeof data === 'string') return await change(data);
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return await Promise.all(data.map((one: Json) => eachText(one, change)));
  const entries = Object.entries(data).map(async ([key, one]) => [key, await eachText(one as Json, change)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
