/** What toll fraud looks like from here: neighbouring numbers, and codes that nobody answers. Data in, verdict out; numbers come as keyed hashes or not at all. */
import type { Hit, Write } from '../core/store.js';

/** When so few of so many numbers answer, no more is sent there. */
export interface ConversionRule {
  /** Fewer numbers than this say nothing. */
  readonly sends: number;
  /** From 0 to 1. */
  readonly share: number;
}

export interface Conversion {
  readonly prefix: ConversionRule;
  readonly country: ConversionRule;
  readonly blockMs: number;
}

/** Where conversion is watched. `id` names it in keys. */
export interface Scope {
  readonly kind: 'prefix' | 'country';
  readonly id: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RUN_MS = 10 * MINUTE;
/** Half of a block: numbers that are no further apart than this share one. */
const STRIDE = 7n;

/**
 * The blocks a number is in. A run of numbers within 3 of one in the middle is 7 long; blocks are 14 long and one begins every 7, so wherever such a run
 * begins, one block holds all of it: blocks side by side would let 4 + 4 through across their border. The price is that a block also holds numbers up to
 * 13 apart, which is how scripts walk that take every third.
 */
export function blocksOf(e164: string): readonly string[] {
  const block = BigInt(e164.replace(/\D/g, '') || '0') / STRIDE;
  return [String(block), String(block - 1n)];
}

/**
 * Marks the number in its blocks for ten minutes; refused when a block would then hold more than `most` different numbers. Marks rather than a count: a
 * second code for the same number is no second number.
 */
export function runMarks(
  blocks: readonly string[],
  number: string,
  settingUp: boolean,
  most: number,
): readonly (Write & { do: 'put' })[] {
  return blocks.map((block) => ({
    do: 'put',
    kind: runKind(block, settingUp),
    id: number,
    data: null,
    ttlMs: RUN_MS,
    atMost: most,
  }));
}

export function runKind(block: string, settingUp: boolean): string {
  return `${settingUp ? 'set-up-' : ''}run:${block}`;
}

/**
 * Notes that the number was asked in the hour by the clock: its version tells how often, and only the first time counts. Whoever has one phone would decide
 * otherwise, by not answering it, what is sent to everybody near; or by answering it, that codes to all the numbers around it go on.
 */
export function askMark(number: string, settingUp: boolean, now: number): Write & { do: 'put' } {
  return { do: 'put', kind: 'asked', id: markId(number, settingUp, now), data: null, ttlMs: 2 * HOUR };
}

/** Refused where a code that was sent to the number in that hour has been answered already. */
export function answerMark(number: string, settingUp: boolean, sentAt: number): Write {
  const id = markId(number, settingUp, sentAt);
  return { do: 'put', kind: 'answered', id, data: null, ttlMs: 2 * HOUR, if: 'absent' };
}

/** The numbers of a place that were sent to in the hour by the clock, the right answers to them, and the sends too young to be judged. In this order. */
export function tally(scope: Scope, settingUp: boolean, now: number, youngMs: number): readonly [Hit, Hit, Hit, Hit] {
  const young = Math.floor(now / youngMs);
  const limit = Number.MAX_SAFE_INTEGER;
  const place = placeOf(scope, settingUp);
  return [
    { key: `asked:${place}:${Math.floor(now / HOUR)}`, limit, windowMs: 2 * HOUR },
    { key: rightKey(scope, settingUp, now), limit, windowMs: 2 * HOUR, peek: true },
    { key: `young:${place}:${young}`, limit, windowMs: 2 * youngMs },
    { key: `young:${place}:${young - 1}`, limit, windowMs: 2 * youngMs, peek: true },
  ];
}

/** A right answer, counted for the hour in which its code was sent. */
export function rightAnswer(scope: Scope, settingUp: boolean, sentAt: number): Hit {
  return { key: rightKey(scope, settingUp, sentAt), limit: Number.MAX_SAFE_INTEGER, windowMs: 2 * HOUR };
}

/** Whether too few of the numbers before this one answered. What was sent in the last minutes may still be, and is left out. */
export function isBarren(counts: readonly number[], { sends, share }: ConversionRule): boolean {
  const [asked = 0, right = 0, young = 0, youngBefore = 0] = counts;
  const ripe = asked - young - youngBefore;
  return ripe >= sends && right < share * ripe;
}

/** Under which ids a block is looked for. What set-ups did stops set-ups only: anybody may type anybody's number, which must not shut its owner out. */
export function blockIds(scope: Scope, settingUp: boolean): readonly string[] {
  const signIn = placeOf(scope, false);
  return settingUp ? [signIn, placeOf(scope, true)] : [signIn];
}

export function placeOf({ kind, id }: Scope, settingUp: boolean): string {
  return `${settingUp ? 'set-up-' : ''}${kind}:${id}`;
}

function markId(number: string, settingUp: boolean, at: number): string {
  return `${settingUp ? 'set-up-' : ''}${number}:${Math.floor(at / HOUR)}`;
}

function rightKey(scope: Scope, settingUp: boolean, at: number): string {
  return `right:${placeOf(scope, settingUp)}:${Math.floor(at / HOUR)}`;
}
