import type { Copy } from '../copy.js';
import type { FactorView } from './views.js';

/** Kinds written by others are called what they call themselves. */
export function kindName(copy: Copy, kind: string): string {
  return copy.kinds[kind] ?? kind;
}

export function factorName(copy: Copy, factor: FactorView): string {
  return factor.name || kindName(copy, factor.kind);
}

/** Ids are ours, yet a path is built from them: nothing in one may leave its place. */
export function factorPath(id: string, verb = ''): string {
  return `/factors/${encodeURIComponent(id)}${verb && `/${verb}`}`;
}
