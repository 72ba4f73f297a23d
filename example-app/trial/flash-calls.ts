/** A carrier whose calls ring once: the code is the end of the number that called, so it makes the code itself, and checks it. */
import { randomInt, randomUUID } from 'node:crypto';
import type { CheckResult, Delivery, SendResult } from '../../src/index.js';
import type { CarrierDesk } from './carriers.js';

const NAME = 'carrier-c';

export interface FlashCallDesk extends CarrierDesk {
  /** Whether that is the code of a call that it noted. A right one is right once. */
  answer(call: {
    readonly ref: string;
    readonly to: string;
    readonly code: string;
  }): Promise<'correct' | 'wrong' | 'gone'>;
}

export function createFlashCalls({ note, report, answer }: FlashCallDesk): Delivery {
  return {
    name: NAME,
    webhook: 'twilio',
    offers: [{ channel: 'flash-call', code: 'theirs' }],
    async send(job, { signal }): Promise<SendResult> {
      if (signal.aborted) return { sent: 'no', why: 'timeout' };
      if (job.channel !== 'flash-call') return { sent: 'no', why: 'channel_unavailable' };
      const code = String(randomInt(1e6)).padStart(6, '0');
      const text = `A missed call from +1 555 0${code}. Its last six digits are the code.`;
      try {
        // Nobody takes over from it: each call is a send of its own.
        const ref = await note({
          carrier: NAME,
          outcome: 'brought',
          job: { ...job, sendId: randomUUID(), code, text },
        });
        report(ref, 'delivered');
        return { sent: 'yes', ref, codeOwner: 'theirs' };
      } catch {
        return { sent: 'no', why: 'unavailable' };
      }
    },
    async check(call, { signal }): Promise<CheckResult> {
      if (signal.aborted) return { verdict: 'error', why: 'timeout', reached: false };
      try {
        return { verdict: await answer(call) };
      } catch {
        return { verdict: 'error', why: 'unavailable', reached: false };
      }
    },
  };
}
