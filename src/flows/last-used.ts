import type { Write } from '../core/store.js';

/** Kept beside the enrolment, not in it: using a factor never conflicts with renaming it. */
export function lastUsed(enrolmentId: string, at: number): Write {
  return { do: 'put', kind: 'last-used', id: enrolmentId, data: { at } };
}
