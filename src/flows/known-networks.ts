/** Where a user has signed in from: the last networks, as keyed hashes, for as long as they are used. */
import { network } from '../core/network.js';
import type { StoredRecord, Write } from '../core/store.js';
import type { Subject } from '../core/words.js';
import type { FlowDeps } from './deps.js';

export const NETWORK = { kind: 'network' } as const;

const MOST = 20;
const KEPT_MS = 90 * 24 * 60 * 60_000;

interface Place {
  readonly ip?: string | undefined;
  /** ISO 3166 alpha-2. */
  readonly country?: string | undefined;
}

/** Whether the user was there before; undefined where there is nothing to compare with. */
export function placesKnown(
  { sealer }: Pick<FlowDeps, 'sealer'>,
  { owner }: Pick<Subject, 'owner'>,
  records: readonly StoredRecord[],
  { ip, country }: Place,
): { readonly network?: 'known' | 'new'; readonly countryIs?: 'known' | 'new' } {
  const countries = records.flatMap(({ data }) => (data as { country?: string }).country ?? []);
  const isOne = (text: string, hashes: readonly string[]) =>
    hashes.some((hash) => sealer.matchesKeyedHash(text, hash)) ? 'known' : 'new';
  const ids = records.map(({ id }) => id);
  return {
    ...(ip === undefined || ids.length === 0 ? {} : { network: isOne(networkText(owner, ip), ids) }),
    ...(country === undefined || countries.length === 0
      ? {}
      : { countryIs: isOne(countryText(owner, country), countries) }),
  };
}

/** For the commit that completes a sign-in: only a second factor makes a place the user's. The one not used for longest gives way. */
export function placeSeen(
  deps: Pick<FlowDeps, 'sealer' | 'risk'>,
  { owner }: Pick<Subject, 'owner'>,
  { ip, country }: Place,
  records: readonly StoredRecord[] = [],
): readonly Write[] {
  if (!deps.risk || ip === undefined) return [];
  const { keyedHash } = deps.sealer;
  const id = keyedHash(networkText(owner, ip));
  const others = records
    .filter((one) => one.id !== id)
    .sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0))
    .slice(0, Math.max(0, records.length - MOST + 1));
  return [
    ...others.map((one) => ({ do: 'delete', ...NETWORK, id: one.id }) as const),
    {
      do: 'put',
      ...NETWORK,
      id,
      data: country === undefined ? {} : { country: keyedHash(countryText(owner, country)) },
      ttlMs: KEPT_MS,
    },
  ];
}

/** The owner is in it, so that nobody sees from the store who was in the same place. */
function networkText(owner: string, ip: string): string {
  return JSON.stringify(['network', owner, network(ip)]);
}

function countryText(owner: string, country: string): string {
  return JSON.stringify(['country', owner, country]);
}
