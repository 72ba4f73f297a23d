/**
 * How many accounts have one number. A partition of its own for each number, named by a keyed hash, holds one record for each account, named by another and sealed: without
 * the key nobody learns from it whose number it is, or that two accounts share one.
 *
 * It is asked only when the code that proves possession was right, so that nobody learns anything by typing a number. What a crash leaves behind mends itself: before
 * anybody is refused, whoever does not have the number any more is dropped.
 */
import type { StoredRecord } from '../core/store.js';
import type { Enrolment, Subject } from '../core/words.js';
import { factorContext } from './account.js';
import type { FlowDeps } from './deps.js';
import { isPhone, shortened } from './places.js';
import { sendingOf } from './sending-of.js';

const KIND = 'holder';
const MOST_ROUNDS = 4;
/** A claim is written before the enrolment is: so long it counts without one. */
const CLAIM_MS = 2 * 60_000;

interface Holder {
  readonly partition: string;
  readonly record: StoredRecord;
  readonly at: number;
  /** Undefined where it does not open: it counts, and cannot be looked after. */
  readonly open: { readonly owner: string; readonly enrolments: readonly string[] } | undefined;
}

/** Takes a place for the account, which is its own already where it has the number. False: there are as many accounts as there may be. */
export async function claimNumber(
  deps: FlowDeps,
  { owner }: Pick<Subject, 'owner'>,
  to: string,
  enrolmentId: string,
): Promise<boolean> {
  const [newest = '', ...older] = partitionsOf(deps, to);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const [now, before] = await Promise.all([holdersIn(deps, [newest]), holdersIn(deps, older)]);
    const mine = now.find(({ record }) => record.id === nameOf(deps, owner));
    const others = [...now, ...before].filter((one) => one !== mine && one.open?.owner !== owner);
    const most = deps.limits.accountsPerNumber;
    if (others.length < most) {
      const enrolments = [...(mine?.open?.enrolments ?? []).filter((id) => id !== enrolmentId), enrolmentId];
      const atMost = most - others.filter((one) => before.includes(one)).length;
      const condition = mine ? { version: mine.record.version } : ('absent' as const);
      if (await written(deps, newest, { owner, enrolments }, condition, { atMost })) return true;
    } else if (!(await droppedSome(deps, others))) return false;
  }
  return false;
}

/**
 * Moves the account's place to where the newest secret puts it, whatever the number of accounts: it has the number already. False where somebody changed the place
 * each time.
 */
export async function moveHolder(
  deps: FlowDeps,
  subject: Pick<Subject, 'owner'>,
  { kind, id, data }: Enrolment,
): Promise<boolean> {
  const factor = deps.factors.get(kind);
  if (factor?.asks !== 'phone') return true;
  const { owner } = subject;
  const context = factorContext(deps, { id: owner, owner, label: '', user: {} }, id);
  // What does not open has been reported where it was to be sealed anew.
  const to = await factor.sending?.(data, context).then(
    (sending) => sending.to,
    () => undefined,
  );
  if (to === undefined || !isPhone(to)) return true;
  const [newest = '', ...older] = partitionsOf(deps, to);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const mine = (await holdersIn(deps, [newest])).find(({ record }) => record.id === nameOf(deps, owner));
    const kept = mine?.open?.enrolments ?? [];
    const condition = mine ? { version: mine.record.version } : ('absent' as const);
    const isThere = kept.includes(id) || (await written(deps, newest, { owner, enrolments: [...kept, id] }, condition));
    if (!isThere) continue;
    await release(deps, subject, older, id);
    return true;
  }
  return false;
}

/** The account's enrolment is gone, or never came. Never throws: what is left mends itself. */
export async function releaseNumbers(
  deps: FlowDeps,
  subject: Subject,
  enrolments: readonly Enrolment[],
): Promise<void> {
  for (const enrolment of enrolments) {
    try {
      const to = await sendingOf(deps, subject, enrolment);
      if (to && 'to' in to && isPhone(to.to)) await release(deps, subject, partitionsOf(deps, to.to), enrolment.id);
    } catch {
      // The next claim finds it.
    }
  }
}

async function release(
  deps: FlowDeps,
  { owner }: Pick<Subject, 'owner'>,
  partitions: readonly string[],
  enrolmentId: string,
): Promise<void> {
  const mine = (await holdersIn(deps, partitions)).filter(({ open }) => open?.owner === owner);
  for (const { partition, record, open } of mine) {
    const enrolments = (open?.enrolments ?? []).filter((id) => id !== enrolmentId);
    const condition = { version: record.version };
    if (enrolments.length === 0)
      await deps.store.commit(partition, { writes: [{ do: 'delete', kind: KIND, id: record.id, if: condition }] });
    else await written(deps, partition, { owner, enrolments }, condition, { id: record.id });
  }
}

async function written(
  deps: FlowDeps,
  partition: string,
  holder: NonNullable<Holder['open']>,
  condition: 'absent' | { readonly version: number },
  { atMost, id = nameOf(deps, holder.owner) }: { readonly atMost?: number; readonly id?: string } = {},
): Promise<boolean> {
  const sealed = await deps.sealer.seal(JSON.stringify(holder), bindingOf(partition, id));
  const data = { sealed, at: deps.clock() };
  const most = atMost === undefined ? {} : { atMost };
  const done = await deps.store.commit(partition, {
    writes: [{ do: 'put', kind: KIND, id, data, if: condition, ...most }],
  });
  return done.ok;
}

async function droppedSome(deps: FlowDeps, holders: readonly Holder[]): Promise<boolean> {
  let dropped = false;
  for (const { partition, record, at, open } of holders) {
    if (!open || Math.abs(deps.clock() - at) < CLAIM_MS) continue;
    const found = await deps.store.read(
      open.owner,
      open.enrolments.map((id) => ({ kind: 'enrolment', id })),
    );
    if (found.some((records) => records.length > 0)) continue;
    const gone = { do: 'delete', kind: KIND, id: record.id, if: { version: record.version } } as const;
    dropped = (await deps.store.commit(partition, { writes: [gone] })).ok || dropped;
  }
  return dropped;
}

async function holdersIn(deps: FlowDeps, partitions: readonly string[]): Promise<readonly Holder[]> {
  const found: Holder[] = [];
  for (const partition of partitions) {
    const [records = []] = await deps.store.read(partition, [{ kind: KIND }]);
    for (const record of records) {
      const { sealed, at } = record.data as { sealed: string; at: number };
      found.push({ partition, record, at, open: await opened(deps, sealed, bindingOf(partition, record.id)) });
    }
  }
  return found;
}

async function opened(deps: FlowDeps, sealed: string, binding: readonly string[]): Promise<Holder['open']> {
  try {
    return JSON.parse(await deps.sealer.open(sealed, binding)) as Holder['open'];
  } catch {
    return undefined;
  }
}

/** Under every secret, newest first. */
function partitionsOf({ sealer }: FlowDeps, to: string): readonly string[] {
  return sealer.keyedHashes(`number ${to}`).map((hash) => `number:${shortened(hash)}`);
}

function nameOf({ sealer }: FlowDeps, owner: string): string {
  return shortened(sealer.keyedHash(`holder ${owner}`));
}

function bindingOf(partition: string, id: string): readonly string[] {
  return ['holder', partition, id];
}
