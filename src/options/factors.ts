/** The `factors` option: what is no factor is refused here, and not at somebody's sign-in. */
import { MfaError } from '../core/errors.js';
import type { Factor } from '../core/factor.js';

const FACTOR_VERBS: readonly (keyof Factor)[] = ['beginEnrolment', 'refuseMalformed', 'verify'];

export function readFactors(factors: readonly Factor[]): ReadonlyMap<string, Factor> {
  if (!Array.isArray(factors) || !factors.some((factor) => factor?.role === 'factor')) {
    throw new MfaError(
      'set_up',
      'createMfa: `factors` needs at least one real factor, as in `factors: [totp(), backupCodes()]`.',
    );
  }
  const byKind = new Map<string, Factor>();
  for (const factor of factors as readonly Factor[]) {
    if (typeof factor === 'function')
      throw new MfaError('set_up', 'createMfa: `factors` holds a function. Call it: `totp()`, not `totp`.');
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(factor?.kind ?? '') || factor.kind === 'password') {
      throw new MfaError(
        'set_up',
        `createMfa: a factor's kind is '${factor?.kind}', expected lower-case letters, digits and hyphens, and not 'password'.`,
      );
    }
    const missing = FACTOR_VERBS.find((name) => typeof factor[name] !== 'function');
    if (missing)
      throw new MfaError('set_up', `createMfa: the factor '${factor.kind}' has no \`${missing}\`; see \`Factor\`.`);
    if (byKind.has(factor.kind))
      throw new MfaError('set_up', `createMfa: there are two factors of kind '${factor.kind}'.`);
    byKind.set(factor.kind, factor);
  }
  return byKind;
}
