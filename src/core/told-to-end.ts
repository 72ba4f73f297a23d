/**
 * Work that is told to end after `ms`. `AbortSignal.timeout` stays until its time has come, however early the work is done: at a busy hour that is thousands of timers, and of
 * signals that the garbage collector carries along.
 */
export async function toldToEnd<T>(ms: number, work: (over: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new DOMException('The time is up.', 'TimeoutError')), ms);
  timer.unref();
  try {
    return await work(over.signal);
  } finally {
    clearTimeout(timer);
  }
}
