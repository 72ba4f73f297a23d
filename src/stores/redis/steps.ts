import { jsonOf } from '../../core/apply-commit.js';
import type { Commit, CounterWrite, Ref, Write } from '../../core/store.js';
import { toText } from '../../core/stored-name.js';
import { written } from './log-rows.js';

/** What the script of `lua-commit.ts` takes: the step as JSON, then the texts it points at by their place. `seen` is the time that the server told last, or 0. */
export function argumentsFor(step: Commit, seen: number, prune?: number): readonly string[] {
  const texts: string[] = [];
  const placeOf = (text: string) => texts.push(text) + 1;

  function writeFor(write: Write): object {
    const { data, ...named } = { data: undefined, ...write, ...refFor(write) };
    return write.do === 'put' ? { ...named, text: placeOf(jsonOf(data)) } : named;
  }

  const whole = {
    seen,
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
  return [JSON.stringify(whole, withoutInfinity), ...texts];
}

function refFor({ kind, id }: Ref) {
  return { kind: toText(kind), ...(id === undefined ? {} : { id: toText(id) }) };
}

function counterWriteFor(write: CounterWrite) {
  return write.do === 'clear' ? { ...write, prefix: toText(write.prefix) } : { ...write, key: toText(write.key) };
}

/** JSON has no infinity; the largest exact number is as good as one. */
function withoutInfinity(_: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? Number.MAX_SAFE_INTEGER : value;
}
