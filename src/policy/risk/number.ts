import type { PhoneType } from '../../core/phone-numbers.js';
import type { RiskSignal } from '../risk.js';

const LINES: Readonly<Record<PhoneType, number>> = {
  mobile: 0,
  'mobile-or-landline': 0,
  landline: 0.5,
  personal: 0.7,
  voip: 1,
};

/** Numbers that are cheap to have many of. */
export const lineType: RiskSignal = {
  name: 'line-type',
  weight: 0.3,
  look: ({ line }) => (line === undefined ? undefined : LINES[line]),
};

const DAY = 24 * 60 * 60_000;

/** A SIM that changed since yesterday may be in somebody else's phone; one that changed last week probably is a new phone. */
export const simSwap: RiskSignal = {
  name: 'sim-swap',
  weight: 0.7,
  look({ at, simSwappedAt }) {
    if (simSwappedAt === undefined) return undefined;
    const ago = at - simSwappedAt;
    if (ago <= DAY) return 1;
    return ago <= 7 * DAY ? 0.5 : 0;
  },
};
