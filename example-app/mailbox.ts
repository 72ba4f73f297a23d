/** Where texts, calls and mails land during development: the page `/inbox`, whichever process sent them. */
import { randomUUID } from 'node:crypto';
import type { Channel, Delivery, LimitOptions } from '../src/index.js';
import type { AppDatabase, Row } from './storage/database.js';

export interface Letter {
  readonly at: Date;
  readonly channel: string;
  readonly to: string;
  readonly text: string;
  readonly code?: string;
}

export interface Mailbox {
  /** Takes the place of a carrier: a delivery as anybody can write one. */
  readonly texts: Delivery;
  /** Takes the place of a mail server. */
  sendMail(to: string, text: string): Promise<void>;
  /** Newest first. */
  letters(): Promise<readonly Letter[]>;
  /** Throws away what is older than a day. */
  sweep(): Promise<void>;
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

const CHANNELS: readonly Channel[] = ['sms', 'voice', 'whatsapp'];
const KEEP_MS = 24 * 60 * 60_000;
const SHOWN = 100;

export function createMailbox(database: AppDatabase, clock: () => number): Mailbox {
  let count = 0;

  async function add({ channel, to, text, code }: Omit<Letter, 'at'>): Promise<string> {
    const id = randomUUID();
    const sql =
      'INSERT INTO letters (id, at, place, channel, recipient, text, code) VALUES ($1, $2, $3, $4, $5, $6, $7)';
    count += 1;
    await database.rows(sql, id, clock(), count, channel, to, text, code ?? null);
    return id;
  }

  return {
    texts: {
      name: 'inbox',
      offers: CHANNELS.map((channel) => ({ channel, code: 'ours' })),
      async send({ channel, to, text = '', code = '' }, { signal }) {
        if (signal.aborted) return { sent: 'no', why: 'timeout' };
        if (!CHANNELS.includes(channel)) return { sent: 'no', why: 'channel_unavailable' };
        try {
          return { sent: 'yes', ref: await add({ channel, to, text, code }), codeOwner: 'ours' };
        } catch {
          return { sent: 'no', why: 'unavailable' };
        }
      },
    },
    async sendMail(to, text) {
      await add({ channel: 'email', to, text });
    },
    async letters() {
      const rows = await database.rows('SELECT * FROM letters ORDER BY at DESC, place DESC LIMIT $1', SHOWN);
      return rows.map(letterOf);
    },
    async sweep() {
      await database.rows('DELETE FROM letters WHERE at <= $1', clock() - KEEP_MS);
    },
  };
}

function letterOf({ at, channel, recipient, text, code }: Row): Letter {
  return {
    at: new Date(Number(at)),
    channel: String(channel),
    to: String(recipient),
    text: String(text),
    ...(code === null ? {} : { code: String(code) }),
  };
}
