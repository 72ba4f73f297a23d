import { jsonOf } from '../../core/apply-commit.js';
import { finite } from '../../core/finite.js';
import type { Commit, CounterWrite, Ref, Write } from '../../core/store.js';
import { toText } from '../../core/stored-name.js';
import { written } from './log-rows.js';

/** What the script of `lua-commit.ts` takes: the step as JSON, then the texts it points at by their place. `seen` is the time that the server told last, or 0. */
export function argumentsFor(step: Commit, seen: number, prune?: number): readonly string[] {
  const texts: string[] = [];
  const placeOf = (text: string) => texts.push(text) + 1;

  function writeFor(write: Write): object {
    const { data, ...named } = { data: undefined, ...write, ...refFor(write) };
    if (write.do !== 'put') return named;
    const text = placeOf(jsonOf(data));
    return write.atMost === undefined ? { ...named, text } : { ...named, text, atMost: finite(write.atMost) };
  }

  const whole = {
    seen,
    prune,
    writes: (step.writes ?? []).map(writeFor),
    counters: (step.counters ?? []).map(counterWriteFor),
    hits: (step.hits ?? []).map((hit) => ({ ...hit, key: toText(hit.key), limit: finite(hit.limit) })),
    reads: (step.reads ?? []).map(refFor),
    log: (step.log ?? []).map((row) => {
      const { json, ...rest } = written(row);
      return { ...rest, text: placeOf(json) };
    }),
  };
  return [JSON.stringify(whole), ...texts];
}

function refFor({ kind, id }: Ref) {
  return { kind: toText(kind), ...(id === undefined ? {} : { id: toText(id) }) };
}

function counterWriteFor(write: CounterWrite) {
  if (write.do === 'clear') return { do: 'clear', prefix: toText(write.prefix) };
  const key = toText(write.key);
  return write.do === 'settle'
    ? { do: 'settle', key, upTo: finite(write.upTo) }
    : { do: 'refund', key, hit: finite(write.hit) };
}
