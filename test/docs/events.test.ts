import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { type EventType, SECURITY_CHANGES } from '../../src/core/events.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The types live in a type, which is gone at run time. */
const declared = [...read('src/core/events.ts').matchAll(/^ {2}'([a-z_]+\.[a-z_]+)': (?:\{|Record)/gm)].map(
  ([, type]) => type as EventType,
);
const rows = [...read('docs/events.md').matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (🔔|) ?\|/gm)].map(([, type, bell]) => ({
  type: type as EventType,
  bell: bell === '🔔',
}));

it('docs/events.md has a row for each event, and no other', () => {
  expect(declared.length).toBeGreaterThan(15);
  expect(rows.map(({ type }) => type).sort()).toEqual([...declared].sort());
});

it('docs/events.md rings a bell for each security change, and for no other', () => {
  const belled = rows.filter(({ bell }) => bell).map(({ type }) => type);
  expect(belled.sort()).toEqual([...SECURITY_CHANGES].sort());
});
