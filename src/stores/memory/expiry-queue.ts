/** A binary heap: what ends first is on top, so that finding what has expired never means looking at everything. */
export interface ExpiryQueue<Item extends { readonly endsAt: number }> {
  readonly length: number;
  push(item: Item): void;
  first(): Item | undefined;
  takeFirst(): Item | undefined;
  replaceAll(items: readonly Item[]): void;
}

export function expiryQueue<Item extends { readonly endsAt: number }>(): ExpiryQueue<Item> {
  let heap: Item[] = [];

  /** Puts the item where it belongs, from a free place upwards. */
  function rise(item: Item, free: number): void {
    let at = free;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || above.endsAt <= item.endsAt) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = item;
  }

  /** The same from the top downwards. */
  function sink(item: Item): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const one = heap[left];
      const other = heap[left + 1];
      const first = one && other && other.endsAt < one.endsAt ? other : one;
      if (!first || item.endsAt <= first.endsAt) break;
      heap[at] = first;
      at = first === one ? left : left + 1;
    }
    heap[at] = item;
  }

  return {
    get length() {
      return heap.length;
    },
    push(item) {
      heap.push(item);
      rise(item, heap.length - 1);
    },
    first: () => heap[0],
    takeFirst() {
      const first = heap[0];
      const last = heap.pop();
      if (last && heap.length > 0) sink(last);
      return first;
    },
    replaceAll(items) {
      // An ascending list is a heap already.
      heap = items.toSorted((a, b) => a.endsAt - b.endsAt);
    },
  };
}
