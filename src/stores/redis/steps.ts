import { jsonOf } from '../../core/apply-commit.js';
import type { Commit, CounterWrite, Ref, Write } from '../../core/store.js';
import { written } from './log-rows.js';
import { toText } from './names.js';

/** What the script of `lua-commit.ts` takes: the step as JSON, then the texts it points at by their place. */
export function argumentsFor(step: Commit, prune?: number): readonly string[] {
  const texts: string[] = [];
  const placeOf = (text: string) => texts.push(text) + 1;

  function writeFor(write: Write): object {
    if (write.do === 'delete' && write.id === undefined && typeof write.if === 'object') {
      // Versions and marks are of one record; guessing which one was meant could delete what should have stayed.
      throw new TypeError('A version or mark needs the id of the record to delete.');
    }
    const { data, ...named } = { data: undefined, ...write, ...refFor(write) };
    return write.do === 'put' ? { ...named, text: placeOf(jsonOf(data)) } : named;
  }

  const whole = {
    prune,
    writes: (step.writes ?? []).map(writeFor),
    counters: (step.counters ?? []).map(counterWriteFor),
    hits: (step.hits ?? []).map((hit) => ({ ...hit, key: toText(hit.key) })),
    reads: (step.reads ?? []).map(refFor),
    log: (step.log ?? []).map((row) => {
      const { json, ...rest } = written(row);
      return { ...rest, text: placeOf(json) };
    }),
  };
  return [JSON.stringify(whole, wholeNumbers), ...texts];
}

function refFor({ kind, id }: Ref) {
  return { kind: toText(kind), ...(id === undefined ? {} : { id: toText(id) }) };
}

function counterWriteFor(write: CounterWrite) {
  return write.do === 'clear' ? { ...write, prefix: toText(write.prefix) } : { ...write, key: toText(write.key) };
}

/** JSON has neither of these: "no limit" becomes the largest there is, and what is no number at all is a mistake. */
function wholeNumbers(name: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return Number.MAX_SAFE_INTEGER;
  // A mark that is no number is refused, like one that is not above the one before.
  if (typeof value !== 'number' || !Number.isNaN(value) || name === 'to') return value;
  throw new TypeError(`\`${name}\` of a commit must be a number.`);
}
