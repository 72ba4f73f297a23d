import type { Channel } from '../core/delivery.js';
import type { EnrolmentDisplay, Factor, FactorContext, Input } from '../core/factor.js';
import type { Json } from '../core/store.js';
import { backup } from './factor-contract/backup.js';
import { openBench } from './factor-contract/bench.js';
import { challenges } from './factor-contract/challenges.js';
import { enrolment } from './factor-contract/enrolment.js';
import { sending } from './factor-contract/sending.js';
import type { ContractCase } from './store-contract.js';

/** What an answer is made from. */
export interface AnswerAbout {
  /** The enrolment's data, as the factor made it. */
  readonly data: Json;
  /** What the person was shown while setting it up. */
  readonly display: EnrolmentDisplay;
  /** For factors that send: where the newest code went. */
  readonly to?: string;
  readonly channel?: Channel;
  /** Opens what was sealed, and tells the time: codes that depend on it are asked for again after it moved. */
  readonly context: FactorContext;
}

export interface FactorContractOptions {
  /** The factor, made afresh for each case, over another side that works. */
  readonly create: () => Factor | Promise<Factor>;
  /** What a person sends to begin setting it up. Default: nothing. */
  readonly enrolWith?: Input;
  /** What has to be refused there: a number that is none, a country nobody sends to. */
  readonly badEnrolments?: readonly Input[];
  /** The right answer at this moment: what an app shows, what arrived. Not for role `backup`. */
  readonly answer?: (about: AnswerAbout) => Input | Promise<Input>;
  /** An answer of the right shape that is not right. Default: other digits than the right answer's. */
  readonly wrong?: (right: Input) => Input;
}

/**
 * The cases every factor must pass, for whoever writes one: `for (const { name, run } of factorContract({ ... })) it(name, run)`. Needs no test framework.
 *
 * The suite stands in for the flows: it applies what a verdict claims (`raiseMarkTo`, `spend`, the challenge itself) and then looks whether the same answer is any use.
 */
export function factorContract(options: FactorContractOptions): readonly ContractCase[] {
  return [...enrolment, ...challenges, ...sending, ...backup].map(([name, check]) => ({
    name,
    run: async () => await check(await openBench(options)),
  }));
}
