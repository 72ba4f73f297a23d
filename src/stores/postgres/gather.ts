/** Enough for the server to be busy with one batch while the next comes together; more would only make the batches small. */
const AT_ONCE = 2;
/** Larger ones make everybody in them wait, and gain nothing more. */
const LARGEST_BATCH = 500;

interface Waiting<Answer> {
  readonly items: readonly string[];
  readonly done: (answers: readonly Answer[]) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Makes one call of many that come at the same time. Whoever comes first is not kept waiting for others: what comes while `AT_ONCE` calls are under way goes
 * together with the next. Everybody's promise settles when the call that holds theirs has: what was promised is as durable as it was alone.
 *
 * The call answers one for each item, in order, or nothing at all. Where the server refuses a batch for what is in it, each member is sent alone, so that nobody pays for what another gave. The call must be fit for being repeated.
 */
export function gathered<Answer = never>(
  call: (items: readonly string[]) => Promise<readonly Answer[]>,
  isAboutItems: (error: unknown) => boolean,
): (items: readonly string[]) => Promise<readonly Answer[]> {
  let waiting: Waiting<Answer>[] = [];
  let underWay = 0;

  async function send(batch: readonly Waiting<Answer>[]): Promise<void> {
    try {
      const answers = await call(batch.flatMap(({ items }) => items));
      let from = 0;
      for (const { items, done } of batch) {
        done(answers.slice(from, from + items.length));
        from += items.length;
      }
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

  function nextBatch(): readonly Waiting<Answer>[] {
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
    if (items.length === 0) return Promise.resolve([]);
    return new Promise((done, failed) => {
      waiting.push({ items, done, failed });
      sendNext();
    });
  };
}
