import { refuse } from '../../src/core/errors.js';
import type { Factor, Verdict } from '../../src/core/factor.js';

export interface SpyFactor extends Factor {
  /** Every answer that was compared, in order. */
  readonly compared: readonly string[];
}

/** A factor of somebody's own, whose right answer is 111111, each time; it counts how often it is asked. */
export function spyFactor(kind = 'spy', onCompare: () => void | Promise<void> = () => {}): SpyFactor {
  const compared: string[] = [];
  return {
    kind,
    amr: ['otp'],
    strength: 50,
    role: 'factor',
    digits: 6,
    compared,
    async beginEnrolment() {
      return { ok: true, data: {}, defaultName: 'Spy' };
    },
    refuseMalformed({ code }) {
      return typeof code === 'string' && /^\d{6}$/.test(code) ? undefined : refuse('code_malformed', { field: 'code' });
    },
    async verify({ enrolment, input }): Promise<Verdict> {
      compared.push(String(input.code));
      await onCompare();
      return input.code === '111111' ? { ok: true, raiseMarkTo: enrolment.mark + 1 } : { ok: false, reason: 'wrong' };
    },
  };
}
