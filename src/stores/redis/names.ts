import { fromText, toText } from '../../core/stored-name.js';

/** What an owner's keys begin with. The part in braces decides the hash slot, and is never empty or cut short by a brace. */
export function ownerKey(prefix: string, owner: string): string {
  return `${prefix}{o:${encodeURIComponent(toText(owner))}}`;
}

/** The owner of one of the keys, which may begin with more than the prefix: a client can add one of its own. */
export function ownerOf(key: string): string | undefined {
  const name = /\{o:([^}]*)\}:[a-z]$/.exec(key)?.[1];
  try {
    return name === undefined ? undefined : fromText(decodeURIComponent(name));
  } catch {
    // Somebody else's key that happens to look like one of ours.
    return undefined;
  }
}

/** The owner of a key of records of that kind. */
export function ownerOfRecords(key: string, kind: string): string | undefined {
  const suffix = toText(kind);
  const letters = ['r', 't'].find((letter) => key.endsWith(`}:${letter}:${suffix}`));
  // Cut down to the form of the other keys; the owner's part has no brace in it.
  return letters && ownerOf(key.slice(0, -suffix.length - 1));
}

/** Finds the keys of records of that kind, of all owners. */
export function recordsKeys(prefix: string, kind: string): string {
  return `*${literal(prefix)}{o:*}:[rt]:${literal(toText(kind))}`;
}

/** What the keys of the log begin with. */
export function logKey(prefix: string): string {
  return `${prefix}{log}`;
}

/** Finds the keys `:l` of all owners. */
export function outboxKeys(prefix: string): string {
  return `*${literal(prefix)}{o:*}:l`;
}

/** As a pattern that finds this very text. */
function literal(text: string): string {
  return text.replace(/[*?[\]\\^-]/g, '\\$&');
}
