import type { CallContext, Channel, Delivery, SendJob, SendResult } from '../core/delivery.js';
import { MfaError } from '../core/errors.js';
import { refuseUnknownOptions } from '../core/known-options.js';

/** One text that would have gone out. Holds the code in the clear. */
export interface InboxMessage {
  /** The reference the send was given: `inbox-1`. */
  readonly ref: string;
  readonly at: Date;
  readonly channel: Channel;
  readonly to: string;
  readonly text: string;
  readonly code: string;
}

export interface InboxOptions {
  /** Default: sms, voice, whatsapp, email. */
  readonly channels?: readonly Channel[];
  /** How many messages are kept, the newest. Default 100. */
  readonly keep?: number;
  /** Told of each message, to print it say. What it throws or rejects with is dropped. */
  readonly onMessage?: (message: InboxMessage) => unknown;
  /** The clock, milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

export interface Inbox extends Delivery {
  /** What arrived, oldest first. */
  messages(): readonly InboxMessage[];
  clear(): void;
}

/**
 * Keeps codes in memory instead of sending them: for development and tests. Not for production: it sends nothing, and whoever can read
 * it can pass every challenge. Takes any destination.
 */
export function inbox(options: InboxOptions = {}): Inbox {
  refuseUnknownOptions('inbox', options, ['channels', 'keep', 'onMessage', 'now']);
  const { channels = ['sms', 'voice', 'whatsapp', 'email'], keep = 100, onMessage, now = Date.now } = options;
  if (!Number.isInteger(keep) || keep < 1) {
    throw new MfaError('set_up', `inbox: \`keep\` is ${String(keep)}, not a number of messages such as 100.`);
  }
  let kept: InboxMessage[] = [];
  let count = 0;

  async function send(job: SendJob, { signal }: CallContext): Promise<SendResult> {
    if (signal.aborted) return { sent: 'no', why: 'timeout' };
    if (!channels.includes(job.channel)) return { sent: 'no', why: 'channel_unavailable' };
    count += 1;
    const { channel, to, text = '', code = '' } = job;
    const message: InboxMessage = { ref: `inbox-${count}`, at: new Date(now()), channel, to, text, code };
    kept = [...kept, message].slice(-keep);
    tell(onMessage, message);
    return { sent: 'yes', ref: message.ref, codeOwner: 'ours' };
  }

  return {
    name: 'inbox',
    offers: channels.map((channel) => ({ channel, code: 'ours' as const })),
    send,
    messages: () => kept,
    clear() {
      kept = [];
    },
  };
}

function tell(onMessage: InboxOptions['onMessage'], message: InboxMessage): void {
  if (onMessage === undefined) return;
  new Promise((resolve) => resolve(onMessage(message))).catch(() => undefined);
}
