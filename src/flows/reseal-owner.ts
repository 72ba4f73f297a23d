import { type Sealer, Unreadable, type UnreadableReason } from '../core/sealing.js';
import type { Json, StoredRecord, Write } from '../core/store.js';
import { enrolmentBinding, enrolmentOf } from './account.js';
import type { FlowDeps } from './deps.js';
import { moveHolder } from './number-holders.js';
import { sealedTexts, withSealedTexts } from './sealed-texts.js';

/** A record that no secret of now opens. Nothing in it is secret. */
export interface UnreadableRecord {
  /** The store's partition of the user: `u:42`, with tenants `t:acme:u:42`. */
  readonly owner: string;
  readonly kind: string;
  readonly id: string;
  readonly reason: UnreadableReason;
  /** Of the key it was sealed with, as far as that can be told. */
  readonly keyId?: string;
}

/** What was found and done at one owner. */
export interface ResealedOwner {
  /** Records that hold something sealed. */
  readonly looked: number;
  readonly resealed: number;
  /** Still sealed with an older secret, because they changed whenever they were about to be written. */
  readonly left: number;
  readonly unreadable: readonly UnreadableRecord[];
}

/** What lasts and may hold something sealed. Sets of backup codes come and go with the enrolments of their user. */
const SEALED_KINDS = ['enrolment', 'backup', 'part'] as const;

const ATTEMPTS = 3;

/** Seals anew what an older secret sealed. Whoever changes a record in between wins, and it is looked at again. */
export async function resealOwner(deps: FlowDeps, owner: string): Promise<ResealedOwner> {
  for (let attempt = 1; ; attempt += 1) {
    const records = (
      await deps.store.read(
        owner,
        SEALED_KINDS.map((kind) => ({ kind })),
      )
    ).flat();
    const looks: Look[] = [];
    for (const record of records) {
      const look = await lookAt(deps.sealer, owner, record);
      if (look) looks.push(look);
    }
    const writes = looks.flatMap(({ write }) => write ?? []);
    const unreadable = looks.flatMap((look) => look.unreadable ?? []);
    const done = writes.length === 0 || (await deps.store.commit(owner, { writes })).ok;
    const found = { looked: looks.length, unreadable };
    if (done) return { ...found, resealed: writes.length, left: await placesLeft(deps, owner, records) };
    if (attempt === ATTEMPTS) return { ...found, resealed: 0, left: writes.length };
  }
}

/** A place among the accounts of a number lies where a secret puts it: it moves along, or the secret would take it with it. */
async function placesLeft(deps: FlowDeps, owner: string, records: readonly StoredRecord[]): Promise<number> {
  let left = 0;
  for (const record of records) {
    if (record.kind !== 'enrolment') continue;
    if (!(await moveHolder(deps, { owner }, enrolmentOf(record)))) left += 1;
  }
  return left;
}

interface Look {
  readonly write?: Write;
  readonly unreadable?: UnreadableRecord;
}

/** Undefined where nothing is sealed. Everything is opened, so that what was changed is found too, and not only what is old. */
async function lookAt(sealer: Sealer, owner: string, record: StoredRecord): Promise<Look | undefined> {
  const { kind, id, version } = record;
  const { data, ...rest } = Object(record.data) as { readonly data?: Json };
  const held = kind === 'part' ? record.data : (data ?? null);
  if (sealedTexts(held).length === 0) return undefined;
  const binding = enrolmentBinding(owner, kind === 'part' ? setOf(id) : id);
  let isStale = false;
  try {
    const renewed = await withSealedTexts(held, async (text) => {
      const plain = await sealer.open(text, binding);
      if (!sealer.isStale(text)) return text;
      isStale = true;
      return await sealer.seal(plain, binding);
    });
    if (!isStale) return {};
    const whole = kind === 'part' ? renewed : { ...rest, data: renewed };
    return { write: { do: 'put', kind, id, data: whole, if: { version } } };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { reason, keyId } = error;
    return { unreadable: { owner, kind, id, reason, ...(keyId === undefined ? {} : { keyId }) } };
  }
}

/** A part's id begins with that of its set, which has three pieces: kind, random part and tag. */
function setOf(partId: string): string {
  return partId.split('.').slice(0, 3).join('.');
}
