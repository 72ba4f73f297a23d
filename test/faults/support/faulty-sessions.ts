import session, { type SessionData } from 'express-session';

/**
 * `error`: refused, nothing happened. `lost`: it happened, and the answer was lost. `down`: refused, and from then on everything is.
 * `wiped`: every session is gone, and it goes on.
 */
export type SessionFault = 'error' | 'lost' | 'down' | 'wiped';

export const SESSION_FAULTS: readonly SessionFault[] = ['error', 'lost', 'down', 'wiped'];

const WORDS = "ECONNREFUSED redis://:hunter2@sessions.internal:6379 while writing 'sess:abc'";

/** A session store that breaks at one chosen call. */
export class FaultySessions extends session.MemoryStore {
  calls = 0;
  private armed: { readonly fault: SessionFault; readonly at: number } | undefined;

  /** Breaks the `at`-th call from now. */
  arm(fault: SessionFault, at: number): void {
    this.calls = 0;
    this.armed = { fault, at };
  }

  heal(): void {
    this.calls = 0;
    this.armed = undefined;
  }

  override get(id: string, done: (error: unknown, kept?: SessionData | null) => void): void {
    this.pass(done, (finish) => super.get(id, finish));
  }

  override set(id: string, kept: SessionData, done: (error?: unknown) => void = () => undefined): void {
    this.pass(done, (finish) => super.set(id, kept, finish));
  }

  override destroy(id: string, done: (error?: unknown) => void = () => undefined): void {
    this.pass(done, (finish) => super.destroy(id, finish));
  }

  override touch(id: string, kept: SessionData, done: (error?: unknown) => void = () => undefined): void {
    this.pass(done, (finish) => super.touch(id, kept, finish as () => void));
  }

  private pass(done: (error: unknown, kept?: SessionData | null) => void, work: (finish: typeof done) => void): void {
    this.calls += 1;
    const { fault, at = 0 } = this.armed ?? {};
    const strikes = fault === 'down' ? this.calls >= at : this.calls === at;
    if (!strikes) return work(done);
    if (fault === 'wiped') return this.clear(() => work(done));
    if (fault === 'lost') return work(() => done(new Error(WORDS)));
    setImmediate(done, new Error(WORDS));
  }
}
