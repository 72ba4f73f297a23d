/** Where texts, calls and mails land during development: the page `/inbox`. */
import { type Inbox, inbox, type LimitOptions } from '../src/index.js';

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

/** Nobody pays for these texts, and who tries things out needs many of them from one address. One number still gets five in ten minutes. */
export const TRIAL_LIMITS: LimitOptions = {
  sendsPerNumber10Min: 5,
  sendsPerNumberHour: 20,
  sendsPerNumberDay: 50,
  sendsPerUserHour: 50,
  sendsPerIpHour: 1000,
  sendsPerPrefix10Min: 1000,
  sendsPerPrefixHour: 1000,
};

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
