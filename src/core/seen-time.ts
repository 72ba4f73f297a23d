import { steadyClock } from './steady-clock.js';

/** The latest time that the server has told this process: what it says later is not before that. */
export interface SeenTime {
  latest(): number;
  note(now: number): void;
}

export function seenTime(): SeenTime {
  let told = 0;
  // Also believes a correction of more than an hour, as the server does.
  const steady = steadyClock(() => told);
  return {
    latest: steady,
    note(now) {
      told = now;
      steady();
    },
  };
}
