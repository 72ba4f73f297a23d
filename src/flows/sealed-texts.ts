import { keyIdOf } from '../core/sealing.js';
import type { Json } from '../core/store.js';

/** The sealed texts in a record's data, wherever its factor keeps them. */
export function sealedTexts(data: Json): readonly string[] {
  if (typeof data === 'string') return keyIdOf(data) === undefined ? [] : [data];
  if (typeof data !== 'object' || data === null) return [];
  return Object.values(data).flatMap((one) => sealedTexts(one as Json));
}

/** The same data with each sealed text changed. */
export async function withSealedTexts(data: Json, change: (sealed: string) => Promise<string>): Promise<Json> {
  if (typeof data === 'string') return keyIdOf(data) === undefined ? data : await change(data);
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return await Promise.all(data.map((one: Json) => withSealedTexts(one, change)));
  const entries = Object.entries(data).map(
    async ([key, one]) => [key, await withSealedTexts(one as Json, change)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
