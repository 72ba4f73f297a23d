import type { RiskSignal } from '../risk.js';
import { ramp } from './ramp.js';

/** How often of late: people sign in once or twice, and an office shares an address. */
export const velocity: RiskSignal = {
  name: 'velocity',
  weight: 0.5,
  look({ signIns, sends }) {
    const looks = [
      signIns?.ofUser === undefined ? undefined : ramp(signIns.ofUser, 3, 10),
      signIns?.ofAddress === undefined ? undefined : ramp(signIns.ofAddress, 20, 100),
      sends?.ofUser === undefined ? undefined : ramp(sends.ofUser, 2, 5),
      sends?.ofAddress === undefined ? undefined : ramp(sends.ofAddress, 4, 10),
    ].filter((one) => one !== undefined);
    return looks.length === 0 ? undefined : Math.max(...looks);
  },
};
