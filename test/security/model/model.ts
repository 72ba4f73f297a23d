/**
 * What must hold of one user with an authenticator app and backup codes, whatever they and a thief with their password do in three browsers. It knows
 * nothing of how the library does it: only who may be signed in, which codes are used up, and how many answers may still be compared.
 */

const MINUTE = 60_000;
const TRIES_PER_CHALLENGE = 5;
const LOCK_EVERY = 10;
const LOCKS = [15 * MINUTE, 30 * MINUTE, 60 * MINUTE];
const PENDING_MS = 10 * MINUTE;

export type Kind = 'totp' | 'backup-codes';

interface Browser {
  state: 'anonymous' | 'pending' | 'signed-in';
  /** Of the pending sign-in, or of the proof. */
  epoch: number;
  since: number;
  tries: Record<Kind, number>;
}

interface Standing {
  wrong: number;
  lockedUntil: number;
}

/** What an answer must be: its status, and what then follows. */
export interface Expected {
  readonly status: number;
  readonly why: string;
}

export class Model {
  readonly browsers: readonly Browser[];
  private epoch = 0;
  private readonly standing: Record<Kind, Standing>;
  /** The newest TOTP step that was accepted. */
  private step: number;
  private readonly spent = new Set<string>();
  successes = 0;

  constructor(browsers: number, enrolledAtStep: number) {
    this.browsers = Array.from({ length: browsers }, fresh);
    this.standing = { totp: { wrong: 0, lockedUntil: 0 }, 'backup-codes': { wrong: 0, lockedUntil: 0 } };
    this.step = enrolledAtStep;
  }

  wrongStanding(kind: Kind): number {
    return this.standing[kind].wrong;
  }

  password(index: number, now: number): Expected {
    const browser = this.browser(index);
    Object.assign(browser, fresh(), { state: 'pending', epoch: this.epoch, since: now });
    return { status: 200, why: 'the first factor was right' };
  }

  signsOut(index: number): void {
    Object.assign(this.browser(index), fresh());
  }

  /** Also of one that is over: the session forgets it. */
  cancels(index: number): Expected {
    Object.assign(this.browser(index), fresh());
    return { status: 200, why: 'cancelled' };
  }

  credentialsChange(): void {
    this.epoch += 1;
  }

  /** A new challenge for a kind that sends nothing: its tries begin anew, its lock does not. */
  startsAnew(index: number, kind: Kind, now: number): Expected {
    const browser = this.browser(index);
    if (!this.stands(browser, now)) return this.over(browser);
    if (this.standing[kind].lockedUntil > now) return { status: 429, why: 'locked' };
    browser.tries[kind] = 0;
    return { status: 202, why: 'begins anew' };
  }

  /** `right`: the code is one of the user's. `step`: the TOTP step it belongs to; `code`: the backup code. */
  answers(
    index: number,
    kind: Kind,
    answer: { readonly right: boolean; readonly step?: number; readonly code?: string },
    now: number,
  ): Expected {
    const browser = this.browser(index);
    if (!this.stands(browser, now)) return this.over(browser);
    const standing = this.standing[kind];
    if (standing.lockedUntil > now) return { status: 429, why: `${kind} is locked` };
    if (browser.tries[kind] >= TRIES_PER_CHALLENGE) return { status: 410, why: 'out of tries' };
    browser.tries[kind] += 1;
    standing.wrong += 1;
    const used = answer.step === undefined ? this.spent.has(answer.code ?? '') : answer.step <= this.step;
    if (!answer.right || used) {
      if (standing.wrong % LOCK_EVERY === 0)
        standing.lockedUntil = now + (LOCKS[standing.wrong / LOCK_EVERY - 1] ?? 60 * MINUTE);
      return { status: 422, why: used ? 'used' : 'wrong' };
    }
    if (answer.step === undefined) this.spent.add(answer.code ?? '');
    else this.step = answer.step;
    standing.wrong = 0;
    standing.lockedUntil = 0;
    // In a signed-in session it was a step-up: a new proof, and no sign-in.
    if (browser.state === 'pending') this.successes += 1;
    Object.assign(browser, fresh(), { state: 'signed-in', epoch: this.epoch, since: now });
    return { status: 200, why: 'right' };
  }

  signedIn(index: number): boolean {
    const browser = this.browser(index);
    return browser.state === 'signed-in' && browser.epoch === this.epoch;
  }

  private over(browser: Browser): Expected {
    return { status: 401, why: browser.state === 'pending' ? 'the pending sign-in is over' : 'no pending sign-in' };
  }

  private stands(browser: Browser, now: number): boolean {
    if (browser.state === 'anonymous' || browser.epoch !== this.epoch) return false;
    return browser.state === 'signed-in' || now < browser.since + PENDING_MS;
  }

  private browser(index: number): Browser {
    const browser = this.browsers[index];
    if (!browser) throw new Error(`there is no browser ${index}`);
    return browser;
  }
}

function fresh(): Browser {
  return { state: 'anonymous', epoch: 0, since: 0, tries: { totp: 0, 'backup-codes': 0 } };
}
