import type { RiskSignal } from '../risk.js';
import { botAgent } from './bot-agent.js';
import { failures } from './failures.js';
import { lineType, simSwap } from './number.js';
import { newCountry, newNetwork } from './places.js';
import { velocity } from './velocity.js';

/** What is looked at unless the host says otherwise. */
export const BUILT_IN: readonly RiskSignal[] = [
  velocity,
  failures,
  newNetwork,
  newCountry,
  botAgent,
  lineType,
  simSwap,
];
