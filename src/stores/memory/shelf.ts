import type { Entry, Shelf } from '../../core/apply-commit.js';
import type { Counter } from '../../core/counting.js';
import type { Slot, Slots } from './slots.js';

const COUNTERS = 'counters';
const groups = new Map<string, string>();

/** The group of a kind of records. Its name is made once: a text that is put together anew has to be hashed anew at every look-up. */
export function groupOf(kind: string): string {
  const known = groups.get(kind);
  if (known !== undefined) return known;
  const group = `record ${kind}`;
  // Kinds are few and ours; what a test or a third party makes up must not stay for ever.
  if (groups.size < 100) groups.set(kind, group);
  return group;
}

const NONE: readonly never[] = [];

/** What one owner has at one moment. */
export class MemoryShelf implements Shelf {
  private readonly kept: Slots;
  private readonly owner: string;
  private readonly now: number;

  constructor(kept: Slots, owner: string, now: number) {
    this.kept = kept;
    this.owner = owner;
    this.now = now;
  }

  entry(kind: string, id: string): Entry | undefined {
    const slot = this.live(this.kept.slot(this.owner, groupOf(kind), id));
    return slot && 'entry' in slot ? slot.entry : undefined;
  }

  entries(kind: string): readonly Entry[] {
    const group = this.kept.group(this.owner, groupOf(kind));
    if (!group) return NONE;
    const entries: Entry[] = [];
    for (const slot of group.values()) if (this.live(slot) && 'entry' in slot) entries.push(slot.entry);
    return entries;
  }

  setEntry(entry: Entry): void {
    this.put(groupOf(entry.kind), entry.id, withEnd({ entry }, entry.expiresAt));
  }

  removeEntry(kind: string, id: string): void {
    this.kept.remove({ owner: this.owner, group: groupOf(kind), key: id });
  }

  counter(key: string): Counter | undefined {
    const slot = this.live(this.kept.slot(this.owner, COUNTERS, key));
    return slot && 'counter' in slot ? slot.counter : undefined;
  }

  setCounter(key: string, counter: Counter): void {
    this.put(COUNTERS, key, withEnd({ counter }, counter.resetAt));
  }

  clearCounters(prefix: string): void {
    const keys = [...(this.kept.group(this.owner, COUNTERS)?.keys() ?? [])];
    for (const key of keys) {
      if (key.startsWith(prefix)) this.kept.remove({ owner: this.owner, group: COUNTERS, key });
    }
  }

  private put(group: string, key: string, slot: Slot): void {
    this.kept.set({ owner: this.owner, group, key }, slot, this.now);
  }

  private live(slot: Slot | undefined): Slot | undefined {
    return slot && (slot.endsAt === undefined || slot.endsAt > this.now) ? slot : undefined;
  }
}

function withEnd<Kept extends object>(kept: Kept, endsAt: number | undefined): Kept & { readonly endsAt?: number } {
  return endsAt === undefined ? kept : { ...kept, endsAt };
}
