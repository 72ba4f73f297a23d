/** Two carriers that bring everything to the developer inbox, and fail when they are told to, in all processes: they are kept in the app's database. */
import type { Channel, Delivery, SendJob, SendResult } from '../src/index.js';
import type { AppDatabase } from './storage/database.js';

/** How a carrier fails on purpose. */
export const FAULTS = ['none', 'down', 'key', 'blocked', 'lost'] as const;
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

const CHANNELS: readonly Channel[] = ['sms', 'voice', 'whatsapp', 'email'];

const ANSWERS: Readonly<Record<Exclude<Fault, 'none'>, SendResult>> = {
  down: { sent: 'no', why: 'unavailable' },
  key: { sent: 'no', why: 'auth' },
  blocked: { sent: 'no', why: 'blocked' },
  // It was brought, and nobody is told.
  lost: { sent: 'unknown', why: 'timeout' },
};

/** `note` keeps a call, and answers with its id. */
export function createTrialCarriers(
  database: AppDatabase,
  note: (call: CarrierCall) => Promise<string>,
): TrialCarriers {
  async function faultOf(carrier: string): Promise<Fault> {
    const [row] = await database.rows('SELECT fault FROM carrier_faults WHERE carrier = $1', carrier);
    return FAULTS.find((one) => one === row?.fault) ?? 'none';
  }

  const delivery = (name: TrialCarrier): Delivery => ({
    name,
    offers: CHANNELS.map((channel) => ({ channel, code: 'ours' })),
    async send(job, { signal }) {
      if (signal.aborted) return { sent: 'no', why: 'timeout' };
      if (!CHANNELS.includes(job.channel)) return { sent: 'no', why: 'channel_unavailable' };
      try {
        const fault = await faultOf(name);
        const ref = await note({ carrier: name, outcome: fault === 'none' ? 'brought' : fault, job });
        return fault === 'none' ? { sent: 'yes', ref, codeOwner: 'ours' } : ANSWERS[fault];
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
