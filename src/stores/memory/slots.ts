import type { Entry } from '../../core/apply-commit.js';
import type { Counter } from '../../core/counting.js';
import { MfaError } from '../../core/errors.js';
import { expiryQueue } from './expiry-queue.js';

/** One thing that is kept: a record, or a counter. */
export type Slot = ({ readonly entry: Entry } | { readonly counter: Counter }) & { readonly endsAt?: number };

/** Where a slot is. Groups keep the kinds of records and the counters apart. */
interface Place {
  readonly owner: string;
  readonly group: string;
  readonly key: string;
}

export interface Slots {
  readonly size: number;
  slot(owner: string, group: string, key: string): Slot | undefined;
  /** By key; not to be kept beyond the next change. */
  group(owner: string, group: string): ReadonlyMap<string, Slot> | undefined;
  /** Who has something in the group. */
  owners(group: string): readonly string[];
  /** Throws `MfaError('unavailable')` where there is no room for one more and nothing has expired. */
  set(place: Place, slot: Slot, now: number): void;
  remove(place: Place): void;
  /** Runs `work`; where it throws or answers false, everything it set or removed is as before. */
  allOrNothing<T extends { readonly ok: boolean }>(work: () => T): T;
  dropExpired(now: number, atMost: number): number;
  dropOwner(owner: string): void;
}

export function slots(maxEntries: number): Slots {
  const owners = new Map<string, Map<string, Map<string, Slot>>>();
  const queue = expiryQueue<{ readonly place: Place; readonly endsAt: number }>();
  let undo: { readonly place: Place; readonly slot: Slot | undefined }[] = [];
  let size = 0;

  const find = ({ owner, group, key }: Place) => owners.get(owner)?.get(group)?.get(key);

  function write(place: Place, slot: Slot | undefined): void {
    if (!slot) {
      erase(place);
      return;
    }
    const group = inside(inside(owners, place.owner), place.group);
    const before = group.get(place.key);
    group.set(place.key, slot);
    if (!before) size += 1;
    // Counters move often, and end when they always would have.
    if (slot.endsAt === undefined || slot.endsAt === before?.endsAt) return;
    queue.push({ place, endsAt: slot.endsAt });
    // What was replaced or deleted stays in the queue until its time has come; it must not grow past what is alive.
    if (queue.length > 2 * size + 1024) queue.replaceAll([...ending()]);
  }

  function erase({ owner, group: name, key }: Place): void {
    const groups = owners.get(owner);
    const group = groups?.get(name);
    if (!groups || !group?.delete(key)) return;
    size -= 1;
    if (group.size === 0) groups.delete(name);
    if (groups.size === 0) owners.delete(owner);
  }

  function* ending() {
    for (const [owner, groups] of owners) {
      for (const [group, keys] of groups) {
        for (const [key, slot] of keys) {
          if (slot.endsAt !== undefined) yield { place: { owner, group, key }, endsAt: slot.endsAt };
        }
      }
    }
  }

  function dropExpired(now: number, atMost: number): number {
    let dropped = 0;
    for (let next = queue.first(); next && next.endsAt <= now && dropped < atMost; next = queue.first()) {
      queue.takeFirst();
      if (find(next.place)?.endsAt !== next.endsAt) continue;
      erase(next.place);
      dropped += 1;
    }
    return dropped;
  }

  function change(place: Place, before: Slot | undefined, slot: Slot | undefined): void {
    undo.push({ place, slot: before });
    write(place, slot);
  }

  return {
    get size() {
      return size;
    },
    slot: (owner, group, key) => owners.get(owner)?.get(group)?.get(key),
    group: (owner, group) => owners.get(owner)?.get(group),
    owners: (group) => [...owners].flatMap(([owner, groups]) => (groups.has(group) ? owner : [])),
    set(place, slot, now) {
      const before = find(place);
      // Refusing is the safe way to be full: dropping a live lock or a spent step would let a guess through.
      if (before === undefined && size >= maxEntries && dropExpired(now, 1) === 0) {
        throw new MfaError('unavailable', `memoryStore is full: ${maxEntries} entries are alive.`);
      }
      change(place, before, slot);
    },
    remove(place) {
      const before = find(place);
      if (before) change(place, before, undefined);
    },
    allOrNothing(work) {
      undo = [];
      let kept = false;
      try {
        const result = work();
        kept = result.ok;
        return result;
      } finally {
        if (!kept) for (const { place, slot } of undo.reverse()) write(place, slot);
        undo = [];
      }
    },
    dropExpired,
    dropOwner(owner) {
      for (const group of owners.get(owner)?.values() ?? []) size -= group.size;
      owners.delete(owner);
    },
  };
}

/** The map under a name, made where there is none. */
function inside<Value>(maps: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  const known = maps.get(name);
  if (known) return known;
  const made = new Map<string, Value>();
  maps.set(name, made);
  return made;
}
