/** What one language says of a code, in every way it can be sent. */

interface CodeFacts {
  readonly code: string;
  readonly issuer: string;
  readonly minutes: number;
}

export interface Wording {
  /** A text message, in the order in which its sentences matter: the code, how long it works, a warning. What does not fit is left out from the end. */
  message(about: CodeFacts): readonly string[];
  /** A call, before the digits; where no voice for calls speaks the language, undefined, and English is spoken. */
  readonly call?: (about: CodeFacts) => string;
  readonly mail: (about: CodeFacts) => MailWording;
}

interface MailWording {
  /** The code stands first: that is what a phone shows of a mail. */
  readonly subject: string;
  /** The sentence before the code, in large digits. */
  readonly lead: string;
  readonly use: string;
  /** Whoever reads it may have no account: at set-up anybody can type any address. */
  readonly warning: string;
}
