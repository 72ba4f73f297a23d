/** Where texts, calls and mails land during development: the page `/inbox`, whichever process sent them. */
import { randomUUID } from 'node:crypto';
import type { Channel, Delivery, FailureClass } from '../../src/index.js';
import { currentRequestId } from '../request-ids.js';
import type { AppDatabase, Row } from '../storage/database.js';
import {
  type CarrierCall,
  type CarrierDesk,
  classOf,
  createTrialCarriers,
  hasArrived,
  isTaken,
  type Outcome,
  type TrialCarriers,
} from './carriers.js';
import { createFlashCalls } from './flash-calls.js';
import { examplePrice } from './prices.js';
import { createReports, type Reports, type Told, type TrialAccount } from './reports.js';

/** One carrier that was asked to bring a message. */
export interface CarrierHop {
  readonly carrier: string;
  readonly outcome: Outcome;
  /** The library's word for what went wrong. */
  readonly why?: FailureClass;
  /** US dollars, from the example table; undefined where nothing was taken. */
  readonly cost?: number;
  /** What the carrier told the app's webhook afterwards. */
  readonly told?: Told;
}

export interface Letter {
  readonly at: Date;
  readonly channel: string;
  readonly to: string;
  /** ISO 3166 alpha-2, for phones. */
  readonly country?: string;
  readonly text: string;
  /** Undefined where nothing arrived, and for mails without one. */
  readonly code?: string;
  /** Who was asked to bring it, in order; nobody for notices. */
  readonly hops: readonly CarrierHop[];
  /** The same as in the audit log. */
  readonly requestId?: string;
}

export interface Mailbox {
  /** They take the place of real carriers. */
  readonly carriers: TrialCarriers;
  /** Rings once, and makes its own codes. */
  readonly flashCalls: Delivery;
  readonly reports: Reports;
  /** Takes the place of a mail server. */
  sendMail(to: string, text: string): Promise<void>;
  /** Newest first. */
  letters(): Promise<readonly Letter[]>;
  /** Throws away what is older than a day. */
  sweep(): Promise<void>;
}

const KEEP_MS = 24 * 60 * 60_000;
const SHOWN = 100;

export function createMailbox(database: AppDatabase, clock: () => number, account: TrialAccount): Mailbox {
  let count = 0;

  async function add(row: { channel: string; to: string; text: string } & Partial<CarrierCall>): Promise<string> {
    // Of the form of Twilio's, whose reports the trial carriers send.
    const id = `SM${randomUUID().replaceAll('-', '')}`;
    const { channel, to, text, carrier, outcome = 'brought', job } = row;
    count += 1;
    const sql = `INSERT INTO letters (id, at, place, send_id, request_id, carrier, outcome, channel, recipient, country, text, code)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
    const from = [job?.sendId ?? null, currentRequestId() ?? null, carrier ?? null, outcome] as const;
    await database.rows(sql, id, clock(), count, ...from, channel, to, job?.country ?? null, text, job?.code ?? null);
    return id;
  }

  const reports = createReports(account, async (ref, told) => {
    await database.rows('UPDATE letters SET told = $1 WHERE id = $2', told, ref);
  });

  const desk: CarrierDesk = {
    async note(call) {
      const { channel, to, text = '' } = call.job;
      return await add({ ...call, channel, to, text });
    },
    report: reports.add,
  };

  return {
    reports,
    carriers: createTrialCarriers(database, desk),
    flashCalls: createFlashCalls({
      ...desk,
      async answer({ ref, to, code }) {
        const of = 'WHERE id = $1 AND recipient = $2';
        const used = `UPDATE letters SET code = NULL ${of} AND code = $3 RETURNING id`;
        if ((await database.rows(used, ref, to, code)).length > 0) return 'correct';
        const [row] = await database.rows(`SELECT code FROM letters ${of}`, ref, to);
        return row && row.code !== null ? 'wrong' : 'gone';
      },
    }),
    async sendMail(to, text) {
      await add({ channel: 'email', to, text });
    },
    async letters() {
      const rows = await database.rows('SELECT * FROM letters ORDER BY at DESC, place DESC LIMIT $1', SHOWN);
      return together(rows).map(letterOf);
    },
    async sweep() {
      await database.rows('DELETE FROM letters WHERE at <= $1', clock() - KEEP_MS);
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
  const [{ at, channel, recipient, country, text, code, request_id: requestId }] = calls;
  const arrived = calls.some(({ outcome }) => hasArrived(outcome as Outcome));
  return {
    at: new Date(Number(at)),
    channel: String(channel),
    to: String(recipient),
    ...(country === null ? {} : { country: String(country) }),
    text: arrived ? String(text) : '',
    ...(code === null || !arrived ? {} : { code: String(code) }),
    hops: calls.flatMap((one) => (one.carrier === null ? [] : [hopOf(one)])),
    ...(requestId === null ? {} : { requestId: String(requestId) }),
  };
}

function hopOf({ carrier, outcome: given, channel, country, told }: Row): CarrierHop {
  const outcome = given as Outcome;
  const why = classOf(outcome);
  const where = country === null ? undefined : String(country);
  const cost = isTaken(outcome) ? examplePrice(String(carrier), channel as Channel, where) : undefined;
  return {
    carrier: String(carrier),
    outcome,
    ...(why === undefined ? {} : { why }),
    ...(cost === undefined ? {} : { cost }),
    ...(told === null ? {} : { told: told as Told }),
  };
}
