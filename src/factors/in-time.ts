/** A delivery that was told to stop has this long to say what became of its call. */
const LAST_WORD_MS = 100;

/** What `work` says, or `late` where it forgets the signal: nobody waits for somebody else's call for ever. */
export async function inTime<T>(signal: AbortSignal, work: () => Promise<T>, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp = () => {};
  const over = new Promise<T>((resolve) => {
    giveUp = () => {
      timer = setTimeout(() => resolve(late), LAST_WORD_MS);
    };
  });
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work(), over]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    clearTimeout(timer);
  }
}
