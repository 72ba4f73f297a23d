/** Whether a carrier brings the codes it takes, by what it tells afterwards. Data in, verdict out. */
import type { FailureClass } from '../core/delivery.js';

/** How sends ended, as their carrier told it. */
export interface Ends {
  readonly arrived: number;
  readonly lost: number;
}

/** Reasons that lie with the number: given up, no line for texts, blocked, or its owner wants none. Any carrier would say so. */
const OF_THE_NUMBER: ReadonlySet<FailureClass> = new Set(['invalid_destination', 'landline', 'opted_out', 'blocked']);

const ENOUGH = 10;
/** What is usual of a carrier nobody knows yet, worth as much as twenty sends. */
const EXPECTED = 0.9;
const WEIGHT = 20;

/** Whether a send that did not arrive says something of its carrier. */
export function isLost(why: FailureClass | undefined): boolean {
  return why !== undefined && !OF_THE_NUMBER.has(why);
}

/** Fewer than half as many arrive as usually do: measured against itself, because in some countries nobody brings much. */
export function bringsTooFew(recent: Ends, usual: Ends): boolean {
  const told = recent.arrived + recent.lost;
  const share = (usual.arrived + EXPECTED * WEIGHT) / (usual.arrived + usual.lost + WEIGHT);
  return told >= ENOUGH && recent.arrived < (told * share) / 2;
}
