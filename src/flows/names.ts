import { type Refusal, refuse } from '../core/errors.js';

const LONGEST_NAME = 64;

/** A person's own name for a factor: one line, at most 64 characters; empty means the default. */
export function readName(value: unknown): { readonly ok: true; readonly name: string | undefined } | Refusal {
  if (value === undefined || value === null || value === '') return { ok: true, name: undefined };
  if (typeof value !== 'string') return refuse('field_invalid', { field: 'name' });
  const name = value.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').trim();
  if (name.length > LONGEST_NAME) return refuse('field_invalid', { field: 'name' });
  return { ok: true, name: name === '' ? undefined : name };
}
