import { didYouMean } from '../core/did-you-mean.js';
import { MfaError } from '../core/errors.js';
import { type Copy, copy } from './copy.js';

type Overrides<T> = {
  readonly [K in keyof T]?: T[K] extends string | ((...given: never) => string) ? T[K] : Overrides<T[K]>;
};

/** What a host may pass as `copy`: any part of it. */
export type CopyOverrides = Overrides<Copy>;

/** Names of kinds are open: factors written by others bring their own. */
const OPEN: readonly string[] = ['kinds', 'kindHints'];

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refuse(path: string, advice: string): never {
  throw new MfaError('set_up', `createMfa: copy.${path} ${advice}`);
}

function merge(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>, inside: string) {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    const path = inside && `${inside}.${key}`;
    merged[key] = OPEN.includes(inside) ? value : replace(base[key], value, path || key);
  }
  return merged;
}

function replace(current: unknown, value: unknown, path: string): unknown {
  if (current === undefined) return refuse(path, `is not a text of the pages.${nearest(path)}`);
  if (isGroup(current)) return isGroup(value) ? merge(current, value, path) : refuse(path, 'is a group of texts.');
  if (typeof value === typeof current) return value;
  return refuse(path, typeof current === 'string' ? 'must be a text.' : 'must be a function that returns a text.');
}

function nearest(path: string): string {
  const [last = '', ...parents] = path.split('.').reverse();
  const group = parents.reduceRight<unknown>((at, key) => (isGroup(at) ? at[key] : undefined), copy);
  return isGroup(group) ? didYouMean(last, Object.keys(group)) : '';
}

/** The texts with the host's own in their place. */
export function copyWith(overrides: CopyOverrides = {}): Copy {
  // `merge` keeps every key and its type, which the type of a recursive merge cannot say.
  return merge(copy, overrides, '') as Copy;
}
