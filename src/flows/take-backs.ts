/** Steps of which all come to something, or none does. */
import type { FlowDeps } from './deps.js';

/** Says, as soon as a step is done, how it is undone. */
export type TakeBack = (undo: () => unknown) => void;

/**
 * Does the steps, and takes back what they did unless they end well: after a refusal as after a fault. What cannot be taken back stays counted, which is the
 * safe side, and is reported.
 */
export async function allOrNothing<T extends { readonly ok: boolean }>(
  { report }: Pick<FlowDeps, 'report'>,
  steps: (takeBack: TakeBack) => Promise<T>,
): Promise<T> {
  const undos: (() => unknown)[] = [];
  let done: T | undefined;
  try {
    done = await steps((undo) => void undos.push(undo));
    return done;
  } finally {
    if (!done?.ok) await Promise.all(undos.map(async (undo) => await undo()).map((one) => one.catch(report)));
  }
}
