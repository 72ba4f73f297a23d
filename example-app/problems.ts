/** Something of the set-up that whoever starts the app can mend. Its text is all they are shown, and holds no credentials. */
export class StartProblem extends Error {}

/** A database or Redis that does not answer. Nothing is decided without it: 503, and another try. */
export class Unavailable extends Error {
  readonly status = 503;
}
