import assert from 'node:assert/strict';
import type { Json } from '../../core/store.js';
import { assertNotRight, type Bench, type Case, HOSTILE, throughJson } from './bench.js';

/** For role `backup`: sets of codes that are made beside the first real factor. */
export const backup: readonly Case[] = [
  [
    'backup: makes a set of different codes, one part for each, and keeps none in the clear',
    withSet(async ({ codes, parts, kept }) => {
      assert.ok(codes.length > 0);
      assert.equal(parts.length, codes.length);
      assert.equal(new Set(codes).size, codes.length);
      assert.equal(new Set(parts.map(({ id }) => id)).size, parts.length);
      for (const code of codes) {
        assert.ok(!kept.includes(code), 'a code is kept as it is');
        assert.ok(!kept.includes(code.replace(/[^0-9A-Za-z]/g, '')), 'a code is kept as it is');
      }
    }),
  ],
  [
    'backup: makes another set each time',
    withSet(async ({ codes, bench }) => {
      const again = await bench.factor.makeSet?.(bench.context());
      assert.deepEqual(
        again?.codes.filter((code) => codes.includes(code)),
        [],
      );
    }),
  ],
  [
    'backup: takes each code once, by spending exactly one part that is there',
    withSet(async ({ codes, parts, verify }) => {
      let left = parts;
      for (const code of codes) {
        const verdict = await verify(code, left);
        assert.ok(verdict.ok, `refused ${JSON.stringify(verdict)}`);
        assert.equal(verdict.spend?.length, 1, 'nothing is spent, or too much');
        const [spent] = verdict.spend ?? [];
        assert.ok(
          left.some(({ id }) => id === spent),
          'spends a part that is not there',
        );
        left = left.filter(({ id }) => id !== spent);
        assertNotRight(await verify(code, left), 'took a spent code');
      }
    }),
  ],
  [
    'backup: takes nothing else, and never throws',
    withSet(async ({ parts, verify, codes, bench }) => {
      for (const { code } of HOSTILE) assertNotRight(await verify(code, parts), 'took what is no code');
      const [one = ''] = codes;
      assertNotRight(await verify(one.slice(1), parts), 'took a part of a code');
      assertNotRight(await verify(one, []), 'took a code of a set that is used up');
      const begun = await bench.factor.beginEnrolment({}, bench.context());
      assert.equal(begun.ok, false, 'a backup set is never set up by hand');
    }),
  ],
];

interface MadeSet {
  readonly bench: Bench;
  readonly codes: readonly string[];
  readonly parts: readonly { readonly id: string; readonly data: Json }[];
  readonly kept: string;
  verify(code: unknown, parts: MadeSet['parts']): ReturnType<NonNullable<Bench['factor']['verifyAmong']>>;
}

function withSet(check: (set: MadeSet) => Promise<void>): Case[1] {
  return async function checkSet(bench) {
    const { factor, context } = bench;
    if (factor.role !== 'backup') return;
    assert.ok(factor.makeSet && factor.verifyAmong, 'role `backup` needs `makeSet` and `verifyAmong`');
    const { data, parts, codes } = await factor.makeSet(context());
    const enrolment = {
      id: 'contract',
      kind: factor.kind,
      name: factor.kind,
      data: throughJson(data),
      mark: 0,
      version: 1,
      createdAt: 0,
    };
    const verifyAmong = factor.verifyAmong.bind(factor);
    await check({
      bench,
      codes,
      parts: parts.map((part) => ({ ...part, data: throughJson(part.data) })),
      kept: JSON.stringify([data, parts]),
      verify: async (code, left) =>
        await verifyAmong({ enrolment, challenge: undefined, input: { code } }, left, context()),
    });
  };
}
