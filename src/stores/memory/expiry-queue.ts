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
  const endOf = (index: number) => heap[index]?.endsAt ?? Number.POSITIVE_INFINITY;

  function swap(a: number, b: number): void {
    const [x, y] = [heap[a], heap[b]];
    if (x && y) [heap[a], heap[b]] = [y, x];
  }

  function rise(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (endOf(parent) <= endOf(at)) return;
      swap(at, parent);
      at = parent;
    }
  }

  function sink(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const child = endOf(left + 1) < endOf(left) ? left + 1 : left;
      if (endOf(at) <= endOf(child)) return;
      swap(at, child);
      at = child;
    }
  }

  return {
    get length() {
      return heap.length;
    },
    push(item) {
      heap.push(item);
      rise(heap.length - 1);
    },
    first: () => heap[0],
    takeFirst() {
      const first = heap[0];
      const last = heap.pop();
      if (last && heap.length > 0) {
        heap[0] = last;
        sink();
      }
      return first;
    },
    replaceAll(items) {
      // An ascending list is a heap already.
      heap = items.toSorted((a, b) => a.endsAt - b.endsAt);
    },
  };
}
