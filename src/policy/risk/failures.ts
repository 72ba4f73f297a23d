import type { RiskSignal } from '../risk.js';
import { ramp } from './ramp.js';

/** Wrong answers that stand: two are a slip, ten are a lock. */
export const failures: RiskSignal = {
  name: 'failures',
  weight: 0.4,
  look: ({ wrongAnswers }) => (wrongAnswers === undefined ? undefined : ramp(wrongAnswers, 2, 10)),
};
