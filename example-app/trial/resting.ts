/** Which carriers are left alone just now. For looking at only: express-mfa keeps this for itself, in the store, and may change its form. */
import type { Store } from '../../src/index.js';

export interface RestingCarrier {
  readonly carrier: string;
  readonly channel: string;
  /** Undefined for mail. */
  readonly country?: string;
  readonly until: Date;
}

export async function restingCarriers(store: Store, clock: () => number): Promise<readonly RestingCarrier[]> {
  const [records = []] = await store.read('carriers', [{ kind: 'breaker' }]);
  return records.flatMap(({ id, data }) => {
    const [carrier = '', channel = '', country = '-'] = id.split('.');
    const { openUntil = 0 } = data as { readonly openUntil?: number };
    if (openUntil <= clock()) return [];
    return [{ carrier, channel, until: new Date(openUntil), ...(country === '-' ? {} : { country }) }];
  });
}
