/** How the command ends. */
export const EXIT = {
  ok: 0,
  /** Something that is needed did not work: try again when it does. */
  failed: 1,
  /** Asked for in a way that cannot work. */
  usage: 2,
  /** Done, and something is left that a person has to look at. */
  left: 3,
} as const;

/** Asked for wrongly: the message says what to write instead. */
export class UsageError extends Error {}

/** What a command may touch of the process that runs it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** One line of what was asked for. */
  out(line: string): void;
  /** One line about how it goes, and what went wrong. */
  err(line: string): void;
  /** Aborts when somebody interrupts the process. */
  readonly interrupted: AbortSignal;
}
