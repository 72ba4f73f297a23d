/** Where texts, calls and mails land during development: the page `/inbox`, whichever process sent them. */
import { randomUUID } from 'node:crypto';
import type { Channel, LimitOptions } from '../src/index.js';
import { examplePrice } from './prices.js';
import type { AppDatabase, Row } from './storage/database.js';
import { type CarrierCall, createTrialCarriers, type Outcome, type TrialCarriers } from './trial-carriers.js';

/** One carrier that was asked to bring a message. */
export interface CarrierHop {
  readonly carrier: string;
  readonly outcome: Outcome;
  /** US dollars, from the example table; undefined where nothing was brought. */
  readonly cost?: number;
}

export interface Letter {
  readonly at: Date;
  readonly channel: string;
  readonly to: string;
  readonly text: string;
  /** Undefined where nothing arrived, and for mails without one. */
  readonly code?: string;
  /** Who was asked to bring it, in order; nobody for notices. */
  readonly hops: readonly CarrierHop[];
}

export interface Mailbox {
  /** They take the place of real carriers. */
  readonly carriers: TrialCarriers;
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

const KEEP_MS = 24 * 60 * 60_000;
const SHOWN = 100;

export function createMailbox(database: AppDatabase, clock: () => number): Mailbox {
  let count = 0;

  async function add(row: { channel: string; to: string; text: string } & Partial<CarrierCall>): Promise<string> {
    const id = randomUUID();
    const { channel, to, text, carrier, outcome = 'brought', job } = row;
    count += 1;
    const sql = `INSERT INTO messages (id, at, place, send_id, carrier, outcome, channel, recipient, country, text, code)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`;
    const of = [job?.sendId ?? null, carrier ?? null, outcome, channel, to, job?.country ?? null] as const;
    await database.rows(sql, id, clock(), count, ...of, text, job?.code ?? null);
    return id;
  }

  return {
    carriers: createTrialCarriers(database, async (call) => {
      const { channel, to, text = '' } = call.job;
      return await add({ ...call, channel, to, text });
    }),
    async sendMail(to, text) {
      await add({ channel: 'email', to, text });
    },
    async letters() {
      const rows = await database.rows('SELECT * FROM messages ORDER BY at DESC, place DESC LIMIT $1', SHOWN);
      return together(rows).map(letterOf);
    },
    async sweep() {
      await database.rows('DELETE FROM messages WHERE at <= $1', clock() - KEEP_MS);
    },
  };
}

/** The calls of one send, oldest first; sends newest first. */
function together(rows: readonly Row[]): readonly (readonly [Row, ...Row[]])[] {
  const sends = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const id = String(row.send_id ?? row.id);
    const later = sends.get(id);
    if (later) later.unshift(row);
    else sends.set(id, [row]);
  }
  return [...sends.values()];
}

function letterOf(calls: readonly [Row, ...Row[]]): Letter {
  const [{ at, channel, recipient, text, code }] = calls;
  const hops = calls.flatMap((one) => (one.carrier === null ? [] : [hopOf(one)]));
  const arrived = calls.some(({ outcome }) => outcome === 'brought' || outcome === 'lost');
  return {
    at: new Date(Number(at)),
    channel: String(channel),
    to: String(recipient),
    text: arrived ? String(text) : '',
    ...(code === null || !arrived ? {} : { code: String(code) }),
    hops,
  };
}

function hopOf({ carrier, outcome: given, channel, country }: Row): CarrierHop {
  const outcome = given as Outcome;
  const isPaid = outcome === 'brought' || outcome === 'lost';
  const where = country === null ? undefined : String(country);
  const cost = isPaid ? examplePrice(String(carrier), channel as Channel, where) : undefined;
  return { carrier: String(carrier), outcome, ...(cost === undefined ? {} : { cost }) };
}
