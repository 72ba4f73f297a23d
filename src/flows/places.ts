/** Where a send goes, as far as counting goes: numbers are counted, not kept. */
import { createHash } from 'node:crypto';
import type { Scope } from '../policy/toll-fraud.js';
import type { FlowDeps } from './deps.js';

/** Twenty-two letters that nobody can turn back without the key. */
export function fingerprint({ sealer }: Pick<FlowDeps, 'sealer'>, text: string): string {
  return shortened(sealer.keyedHash(`send ${text}`));
}

export function shortened(hash: string): string {
  return createHash('sha256').update(hash).digest('base64url').slice(0, 22);
}

export function isPhone(to: string): boolean {
  // A mailbox may begin with a plus as well: `+12125550100@mail.example` is no neighbour of that phone.
  return /^\+\d+$/.test(to);
}

/** Where conversion is watched for this number; nowhere for mail, and where it is not wanted. */
export function scopesOf(
  deps: Pick<FlowDeps, 'sealer' | 'limits'>,
  { to, country }: { readonly to: string; readonly country?: string },
): readonly Scope[] {
  if (!deps.limits.conversion || !isPhone(to)) return [];
  const prefix: Scope = { kind: 'prefix', id: fingerprint(deps, to.slice(0, -4)) };
  return country === undefined ? [prefix] : [prefix, { kind: 'country', id: country }];
}

/** The beginning that numbers share, for the operator's eyes: `+1212•••`. */
export function maskedPrefix(to: string): string {
  return `${to.slice(0, -7)}•••`;
}
