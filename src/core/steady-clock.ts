const LARGEST_STEP_BACK_MS = 3_600_000;

/**
 * A clock that does not go back when the system's is set back a little (NTP, a leap second), so that nothing expired comes to
 * life again. A correction of more than an hour is believed: otherwise one wrong date would keep every lock until that date.
 */
export function steadyClock(clock: () => number): () => number {
  let latest = Number.NEGATIVE_INFINITY;
  return function now() {
    const said = clock();
    if (said >= latest || latest - said > LARGEST_STEP_BACK_MS) latest = said;
    return latest;
  };
}
