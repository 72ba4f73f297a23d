/** Where texts, calls and mails land during development: the page `/inbox`. */
import { type Inbox, inbox } from '../src/index.js';

export interface Mail {
  readonly at: Date;
  readonly to: string;
  readonly text: string;
}

export interface Mailbox {
  /** Takes the place of a carrier. */
  readonly texts: Inbox;
  /** Takes the place of a mail server. */
  sendMail(to: string, text: string): void;
  mails(): readonly Mail[];
}

const KEEP = 100;

export function createMailbox(clock: () => number): Mailbox {
  let kept: readonly Mail[] = [];
  return {
    texts: inbox({ keep: KEEP, now: clock }),
    sendMail(to, text) {
      kept = [...kept, { at: new Date(clock()), to, text }].slice(-KEEP);
    },
    mails: () => kept,
  };
}
