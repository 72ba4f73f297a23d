/** Which tier keeps what. */
export interface Tiers {
  isFastKind(kind: string): boolean;
  isFastKey(key: string): boolean;
  /** Whose counters a prefix can name; both, where it is shorter than one of the durable ones. */
  clears(prefix: string): { readonly fast: boolean; readonly durable: boolean };
}

const FAST_KINDS = [
  'pending',
  'challenge',
  'draft',
  'fresh-codes',
  'sent',
  'heard',
  'looked-up',
  'unsent',
  'failed-channel',
];
const DURABLE_COUNTERS = ['wrong:', 'all-1d'];

export function tiersOf({
  fastKinds = FAST_KINDS,
  durableCounters = DURABLE_COUNTERS,
}: {
  readonly fastKinds?: readonly string[];
  readonly durableCounters?: readonly string[];
}): Tiers {
  const kinds = new Set(fastKinds);
  const isDurable = (key: string) => durableCounters.some((prefix) => key.startsWith(prefix));
  return {
    isFastKind: (kind) => kinds.has(kind),
    isFastKey: (key) => !isDurable(key),
    clears: (prefix) => ({
      fast: !isDurable(prefix),
      durable: isDurable(prefix) || durableCounters.some((each) => each.startsWith(prefix)),
    }),
  };
}
