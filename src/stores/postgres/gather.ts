/** Enough for the server to be busy with one batch while the next comes together; more would only make the batches small. */
const AT_ONCE = 2;
/** Larger ones make everybody in them wait, and gain nothing more. */
const LARGEST_BATCH = 500;

interface Waiting {
  readonly items: readonly string[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Makes one call of many that come at the same time. Whoever comes first is not kept waiting for others: what comes while `AT_ONCE` calls are under way goes
 * together with the next. Everybody's promise settles when the call that holds theirs has: what was promised is as durable as it was alone.
 *
 * Where the server refuses a batch for what is in it, each member is sent alone, so that nobody pays for what another gave. The call must be fit for being repeated.
 */
export function gathered(
  call: (items: readonly string[]) => Promise<void>,
  isAboutItems: (error: unknown) => boolean,
): (items: readonly string[]) => Promise<void> {
  let waiting: Waiting[] = [];
  let underWay = 0;

  async function send(batch: readonly Waiting[]): Promise<void> {
    try {
      await call(batch.flatMap(({ items }) => items));
      for (const { done } of batch) done();
    } catch (error) {
      if (batch.length > 1 && isAboutItems(error)) for (const one of batch) await send([one]);
      else for (const { failed } of batch) failed(error);
    }
  }

  function sendNext(): void {
    if (waiting.length === 0 || underWay >= AT_ONCE) return;
    const batch = nextBatch();
    underWay += 1;
    void send(batch).finally(() => {
      underWay -= 1;
      sendNext();
    });
  }

  function nextBatch(): readonly Waiting[] {
    let size = 0;
    const first = waiting.findIndex(({ items }, index) => {
      size += items.length;
      return index > 0 && size > LARGEST_BATCH;
    });
    const batch = first < 0 ? waiting : waiting.slice(0, first);
    waiting = first < 0 ? [] : waiting.slice(first);
    return batch;
  }

  return (items) => {
    if (items.length === 0) return Promise.resolve();
    return new Promise((done, failed) => {
      waiting.push({ items, done, failed });
      sendNext();
    });
  };
}
