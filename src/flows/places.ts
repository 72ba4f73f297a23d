/** Where a send goes, as far as counting goes: numbers are counted, not kept. */
import type { Scope } from '../policy/toll-fraud.js';
import type { FlowDeps } from './deps.js';

/** Twenty-two letters, 132 bits, that nobody can turn back without the key. */
export function fingerprint({ sealer }: Pick<FlowDeps, 'sealer'>, text: string): string {
  return shortened(sealer.keyedHash(`send ${text}`));
}

export function shortened(hash: string): string {
  return hash.slice(0, 22);
}

export function isPhone(to: string): boolean {
  // A mailbox may begin with a plus as well: `+12125550100@mail.example` is no neighbour of that phone.
  return /^\+\d+$/.test(to);
}

/** The beginning that neighbours share; only numbers are bought in blocks. */
export function prefixOf(deps: Pick<FlowDeps, 'sealer'>, to: string): string | undefined {
  return isPhone(to) ? fingerprint(deps, to.slice(0, -4)) : undefined;
}

/** Where conversion is watched; nowhere for mail, and where it is not wanted. */
export function scopesOf(
  { conversion }: FlowDeps['limits'],
  { prefix, country }: { readonly prefix: string | undefined; readonly country?: string },
): readonly Scope[] {
  if (!conversion || prefix === undefined) return [];
  const ofPrefix: Scope = { kind: 'prefix', id: prefix };
  return country === undefined ? [ofPrefix] : [ofPrefix, { kind: 'country', id: country }];
}

/** The beginning that numbers share, for the operator's eyes: `+1212•••`. */
export function maskedPrefix(to: string): string {
  return `${to.slice(0, -7)}•••`;
}
