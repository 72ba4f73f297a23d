/** What a function of the host's says in time. An error and silence are the same as not knowing; the host hears of the error. */
export async function askInTime<T>(
  ask: () => T | PromiseLike<T>,
  { timeoutMs, report }: { readonly timeoutMs: number; readonly report: (error: unknown) => void },
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const said = ask();
    if (!isThenable(said)) return said;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, undefined);
    });
    return await Promise.race([said, late]);
  } catch (error) {
    report(error);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Queries of some database libraries are thenables, and no promises. */
function isThenable<T>(said: T | PromiseLike<T>): said is PromiseLike<T> {
  return typeof said === 'object' && said !== null && 'then' in said && typeof said.then === 'function';
}
