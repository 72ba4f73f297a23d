/** Two carriers that bring everything to the developer inbox, and fail when they are told to, in all processes: they are kept in the app's database. */
import type { Channel, Delivery, FailureClass, SendJob, SendResult } from '../../src/index.js';
import type { AppDatabase } from '../storage/database.js';
import type { Told } from './reports.js';

/** How a carrier fails on purpose. */
export const FAULTS = ['none', 'down', 'key', 'blocked', 'lost', 'swallowed'] as const;
export type Fault = (typeof FAULTS)[number];

/** What became of one call to a carrier. */
export type Outcome = 'brought' | Exclude<Fault, 'none'>;

export const TRIAL_CARRIERS = ['carrier-a', 'carrier-b'] as const;
export type TrialCarrier = (typeof TRIAL_CARRIERS)[number];

export interface CarrierCall {
  readonly carrier: string;
  readonly outcome: Outcome;
  readonly job: SendJob;
}

export interface TrialCarriers {
  /** Deliveries as anybody can write one, both with codes of ours. */
  readonly deliveries: readonly Delivery[];
  faults(): Promise<Readonly<Record<TrialCarrier, Fault>>>;
  fail(carrier: TrialCarrier, fault: Fault): Promise<void>;
}

/** What a trial carrier does with a call. */
export interface CarrierDesk {
  /** Keeps it, and answers with its id. */
  note(call: CarrierCall): Promise<string>;
  /** Tells the app later what became of it. */
  report(ref: string, told: Told): void;
}

/** Why nothing went out, in the words of the library. `lost` was brought, and nobody is told. */
const FAILURES: Readonly<Partial<Record<Outcome, { readonly sent: 'no' | 'unknown'; readonly why: FailureClass }>>> = {
  down: { sent: 'no', why: 'unavailable' },
  key: { sent: 'no', why: 'auth' },
  blocked: { sent: 'no', why: 'blocked' },
  lost: { sent: 'unknown', why: 'timeout' },
};

const TELLS: Readonly<Partial<Record<Outcome, Told>>> = {
  brought: 'delivered',
  lost: 'delivered',
  swallowed: 'undelivered',
};

const CHANNELS: readonly Channel[] = ['sms', 'voice', 'whatsapp', 'email'];

/** The class of the failure, where there was one. */
export function classOf(outcome: Outcome): FailureClass | undefined {
  return FAILURES[outcome]?.why;
}

/** The carrier took the message, and wants to be paid. */
export function isTaken(outcome: Outcome): boolean {
  return TELLS[outcome] !== undefined;
}

export function hasArrived(outcome: Outcome): boolean {
  return TELLS[outcome] === 'delivered';
}

export function createTrialCarriers(database: AppDatabase, { note, report }: CarrierDesk): TrialCarriers {
  async function faultOf(carrier: string): Promise<Fault> {
    const [row] = await database.rows('SELECT fault FROM carrier_faults WHERE carrier = $1', carrier);
    return FAULTS.find((one) => one === row?.fault) ?? 'none';
  }

  async function take(carrier: string, job: SendJob): Promise<SendResult> {
    const fault = await faultOf(carrier);
    const outcome = fault === 'none' ? 'brought' : fault;
    const ref = await note({ carrier, outcome, job });
    const told = TELLS[outcome];
    if (told) report(ref, told);
    return FAILURES[outcome] ?? { sent: 'yes', ref, codeOwner: 'ours' };
  }

  const delivery = (name: TrialCarrier): Delivery => ({
    name,
    // Their reports come in the form of Twilio's, with its signature: see reports.ts.
    webhook: 'twilio',
    offers: CHANNELS.map((channel) => ({ channel, code: 'ours' })),
    async send(job, { signal }) {
      if (signal.aborted) return { sent: 'no', why: 'timeout' };
      if (!CHANNELS.includes(job.channel)) return { sent: 'no', why: 'channel_unavailable' };
      try {
        return await take(name, job);
      } catch {
        return { sent: 'no', why: 'unavailable' };
      }
    },
  });

  return {
    deliveries: TRIAL_CARRIERS.map(delivery),
    async faults() {
      const [a, b] = await Promise.all(TRIAL_CARRIERS.map(faultOf));
      return { 'carrier-a': a ?? 'none', 'carrier-b': b ?? 'none' };
    },
    async fail(carrier, fault) {
      const sql =
        'INSERT INTO carrier_faults (carrier, fault) VALUES ($1, $2) ON CONFLICT (carrier) DO UPDATE SET fault = excluded.fault';
      await database.rows(sql, carrier, fault);
    },
  };
}
