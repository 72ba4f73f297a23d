// SQLite ends a text at NUL and has no lone surrogates: two names that differ only there would be one.
const UNSAFE = /[\0\\]|\p{Surrogate}/gu;
const ESCAPED = /\\([0-9a-f]{4})/g;

/** A name as SQLite can keep it: different names stay different, and a beginning stays a beginning. */
export function toText(name: string): string {
  return name.replace(UNSAFE, (unit) => `\\${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function fromText(text: string): string {
  return text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
