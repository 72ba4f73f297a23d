import assert from 'node:assert/strict';
import { type Case, does, HOUR, one, put, yes } from './bench.js';

const CALLERS = 50;

export const raceOfCounters: readonly Case[] = [
  [
    'G02 race: 50 hits under a high limit are 50, each with a number of its own',
    async ({ store, together }) => {
      const answers = await together(CALLERS, (each) => each.commit('ada', { hits: [{ key: 'k', limit: 100 }] }));
      const counts = answers.map((answer) => (answer.ok ? answer.counts[0]?.count : undefined));
      assert.deepEqual(
        counts.toSorted((a, b) => Number(a) - Number(b)),
        Array.from({ length: CALLERS }, (_, index) => index + 1),
      );
      assert.equal(new Set(answers.map((answer) => answer.ok && answer.counts[0]?.total)).size, CALLERS);
      assert.equal((await does(store, 'ada', { hits: [{ key: 'k', limit: 100 }] })).counts[0]?.count, CALLERS + 1);
    },
  ],
  [
    'G02 race: a limit of 5 admits 5 of 50, and the refused move nothing',
    async ({ store, together }) => {
      const hit = { key: 'k', limit: 5, windowMs: HOUR };
      const answers = await together(CALLERS, (each) => each.commit('ada', { hits: [hit] }));
      assert.equal(yes(answers), 5);
      assert.equal((await does(store, 'ada', { hits: [{ ...hit, limit: 99 }] })).counts[0]?.count, 6);
    },
  ],
  [
    'G02 race: a pause after the third hit admits 3 of 50',
    async ({ together }) => {
      const answers = await together(CALLERS, (each) =>
        each.commit('ada', { hits: [{ key: 'k', limit: 99, waits: { 3: HOUR } }] }),
      );
      assert.equal(yes(answers), 3);
    },
  ],
  [
    'race: several counters in any order admit what the tightest allows, all or none',
    async ({ store, together }) => {
      const hits = [
        { key: 'user', limit: 30 },
        { key: 'number', limit: 7 },
        { key: 'day', limit: 20 },
      ];
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', { hits: caller % 2 ? hits : hits.toReversed() }),
      );
      assert.equal(yes(answers), 7);
      const { counts } = await does(store, 'ada', { hits: hits.map((hit) => ({ ...hit, limit: 99 })) });
      assert.deepEqual(
        counts.map(({ count }) => count),
        [8, 8, 8],
      );
    },
  ],
  [
    'race: counter and record move together: the limit is the number of records',
    async ({ store, together }) => {
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', { hits: [{ key: 'k', limit: 4 }], writes: [put(`thing ${caller}`)] }),
      );
      assert.equal(yes(answers), 4);
      const [records] = await store.read('ada', [{ kind: 'thing' }]);
      assert.equal(records?.length, 4);
    },
  ],
  [
    'race: where 49 fail on a condition, one hit counts',
    async ({ store, together }) => {
      await together(CALLERS, (each) =>
        each.commit('ada', { hits: [{ key: 'k', limit: 99 }], writes: [put('a', { if: 'absent' })] }),
      );
      assert.equal((await does(store, 'ada', { hits: [{ key: 'k', limit: 99 }] })).counts[0]?.count, 2);
    },
  ],
  [
    'race: 50 settle the same hit while 50 others hit: the others all count',
    async ({ store, together }) => {
      const hit = { key: 'k', limit: 999 };
      const { counts } = await does(store, 'ada', { hits: [hit, hit, hit] });
      const upTo = counts[2]?.total ?? Number.NaN;
      await together(2 * CALLERS, (each, caller) =>
        does(each, 'ada', caller % 2 ? { hits: [hit] } : { counters: [{ do: 'settle', key: 'k', upTo }] }),
      );
      assert.equal((await does(store, 'ada', { hits: [hit] })).counts[0]?.count, CALLERS + 1);
    },
  ],
  [
    'race: 50 hit and take their own hit back: nothing is left over',
    async ({ store, together }) => {
      const hit = { key: 'k', limit: 999 };
      await together(CALLERS, async (each) => {
        const { counts } = await does(each, 'ada', { hits: [hit] });
        await does(each, 'ada', { counters: [{ do: 'refund', key: 'k', hit: counts[0]?.total ?? Number.NaN }] });
      });
      assert.equal((await does(store, 'ada', { hits: [hit] })).counts[0]?.count, 1);
    },
  ],
  [
    'G06 race: counted, checked and consumed, a right code given 50 times signs in once',
    async ({ store, together }) => {
      await does(store, 'ada', { writes: [put('challenge', { ttlMs: HOUR }), put('totp')] });
      const answers = await together(CALLERS, async (each) => {
        const counted = await each.commit('ada', { hits: [{ key: 'guesses', limit: 5 }] });
        if (!counted.ok) return counted;
        return await each.commit('ada', {
          writes: [
            { do: 'delete', kind: 'thing', id: 'challenge', if: 'present' },
            { do: 'raise', kind: 'thing', id: 'totp', to: 57_000_000 },
          ],
          counters: [{ do: 'settle', key: 'guesses', upTo: counted.counts[0]?.total ?? Number.NaN }],
        });
      });
      assert.equal(yes(answers), 1);
      assert.equal((await one(store, 'ada', 'thing', 'totp'))?.mark, 57_000_000);
    },
  ],
  [
    'D01 race: one owner at the limit takes nothing from another',
    async ({ together }) => {
      const answers = await together(CALLERS, (each, caller) =>
        each.commit(caller % 2 ? 'ada' : 'bob', { hits: [{ key: 'k', limit: caller % 2 ? 3 : 25 }] }),
      );
      const of = (remainder: number) => yes(answers.filter((_, caller) => caller % 2 === remainder));
      assert.deepEqual([of(1), of(0)], [3, 25]);
    },
  ],
];
