/** What keeps a crowd at the webhooks from everybody else: in this process's memory, because a store call is what must not happen. */

const WINDOW_MS = 60_000;
/** Forged calls of one address in a minute, before the rest of that minute is not looked at. */
const MOST_FORGED = 60;
const MOST_ADDRESSES = 10_000;

export interface Forgers {
  /** Milliseconds until a call from there is looked at again; undefined: it is now. */
  waitMs(address: string, now: number): number | undefined;
  note(address: string, now: number): void;
}

export function createForgers(): Forgers {
  let since = Number.NEGATIVE_INFINITY;
  let forged = new Map<string, number>();

  function turn(now: number): void {
    if (now - since < WINDOW_MS && now >= since) return;
    since = now;
    forged = new Map();
  }

  return {
    waitMs(address, now) {
      turn(now);
      return (forged.get(address) ?? 0) >= MOST_FORGED ? since + WINDOW_MS - now : undefined;
    },
    note(address, now) {
      turn(now);
      if (forged.size >= MOST_ADDRESSES && !forged.has(address)) return;
      forged.set(address, (forged.get(address) ?? 0) + 1);
    },
  };
}

/** So many calls are at the store at once: the connections to it are for people first. */
const AT_ONCE = 8;
const MOST_WAITING = 1_000;

export interface Turns {
  /** Runs the work when its turn comes, in order; false where too many wait already. Throws what the work throws. */
  take(work: () => Promise<void>): Promise<boolean>;
}

export function createTurns(): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];

  return {
    async take(work) {
      if (running >= AT_ONCE) {
        if (waiting.length >= MOST_WAITING) return false;
        // Whoever ends hands its place over.
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else running += 1;
      try {
        await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
      return true;
    },
  };
}
