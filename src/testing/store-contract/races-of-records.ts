import assert from 'node:assert/strict';
import { type Case, does, idsOf, one, put, yes } from './bench.js';

const CALLERS = 50;

export const raceOfRecords: readonly Case[] = [
  [
    'race: one of 50 puts the record that must be absent',
    async ({ store, together }) => {
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', { writes: [put('a', { data: caller, if: 'absent' })] }),
      );
      assert.equal(yes(answers), 1);
      const record = await one(store, 'ada', 'thing', 'a');
      assert.deepEqual([record?.version, record?.data], [1, answers.findIndex(({ ok }) => ok)]);
    },
  ],
  [
    'G07 race: one of 50 deletes the record that must be present',
    async ({ store, together }) => {
      await does(store, 'ada', { writes: [put('code')] });
      const answers = await together(CALLERS, (each) =>
        each.commit('ada', { writes: [{ do: 'delete', kind: 'thing', id: 'code', if: 'present' }] }),
      );
      assert.equal(yes(answers), 1);
    },
  ],
  [
    'G07 race: 50 delete a record each, and none is lost or left',
    async ({ store, together }) => {
      const ids = Array.from({ length: CALLERS }, (_, index) => `code ${index}`);
      await does(store, 'ada', { writes: ids.map((id) => put(id)) });
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', { writes: [{ do: 'delete', kind: 'thing', id: `code ${caller}`, if: 'present' }] }),
      );
      assert.equal(yes(answers), CALLERS);
      assert.deepEqual(await idsOf(store, 'ada', 'thing'), []);
    },
  ],
  [
    'G06 race: one of 50 raises the mark to the same step',
    async ({ store, together }) => {
      await does(store, 'ada', { writes: [put('totp')] });
      const answers = await together(CALLERS, (each) =>
        each.commit('ada', { writes: [{ do: 'raise', kind: 'thing', id: 'totp', to: 57_000_000 }] }),
      );
      assert.equal(yes(answers), 1);
    },
  ],
  [
    'race: 50 different steps leave the highest, whoever came first',
    async ({ store, together }) => {
      await does(store, 'ada', { writes: [put('totp')] });
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', { writes: [{ do: 'raise', kind: 'thing', id: 'totp', to: ((caller * 37) % CALLERS) + 1 }] }),
      );
      assert.ok(yes(answers) >= 1);
      assert.equal((await one(store, 'ada', 'thing', 'totp'))?.mark, CALLERS);
    },
  ],
  [
    'race: 50 bumps are 50, also where the first has to make the record',
    async ({ store, together }) => {
      const answers = await together(CALLERS, (each) =>
        each.commit('ada', { writes: [{ do: 'bump', kind: 'epoch', id: 'e' }], reads: [{ kind: 'epoch', id: 'e' }] }),
      );
      const seen = answers.map((answer) => (answer.ok ? answer.records[0]?.[0]?.mark : undefined));
      assert.equal(new Set(seen).size, CALLERS);
      assert.equal((await one(store, 'ada', 'epoch', 'e'))?.mark, CALLERS);
    },
  ],
  [
    'race: one of 50 who saw the same version writes the next',
    async ({ store, together }) => {
      await does(store, 'ada', { writes: [put('a')] });
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', { writes: [put('a', { data: caller, if: { version: 1 } })] }),
      );
      assert.equal(yes(answers), 1);
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.version, 2);
    },
  ],
  [
    'race: one of 50 who saw the same mark goes on',
    async ({ store, together }) => {
      await does(store, 'ada', { writes: [{ do: 'bump', kind: 'epoch', id: 'e' }] });
      const answers = await together(CALLERS, (each) =>
        each.commit('ada', {
          writes: [
            { do: 'check', kind: 'epoch', id: 'e', if: { mark: 1 } },
            { do: 'bump', kind: 'epoch', id: 'e' },
          ],
        }),
      );
      assert.equal(yes(answers), 1);
      assert.equal((await one(store, 'ada', 'epoch', 'e'))?.mark, 2);
    },
  ],
  [
    'race: 50 puts without a condition make 50 versions',
    async ({ store, together }) => {
      await together(CALLERS, (each, caller) => does(each, 'ada', { writes: [put('a', { data: caller })] }));
      assert.equal((await one(store, 'ada', 'thing', 'a'))?.version, CALLERS);
    },
  ],
  [
    'race: `atMost` 3 lets 3 of 50 new records in',
    async ({ store, together }) => {
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', { writes: [put(`thing ${caller}`, { atMost: 3 })] }),
      );
      assert.equal(yes(answers), 3);
      assert.equal((await idsOf(store, 'ada', 'thing')).length, 3);
    },
  ],
  [
    'race: who consumes two records at once gets both or neither',
    async ({ store, together }) => {
      await does(store, 'ada', { writes: [put('a'), put('b')] });
      const gone = (id: string) => ({ do: 'delete', kind: 'thing', id, if: 'present' }) as const;
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', { writes: caller % 2 ? [gone('a'), gone('b')] : [gone('b'), gone('a')] }),
      );
      assert.equal(yes(answers), 1);
    },
  ],
  [
    'race: readers see all of a commit or nothing of it',
    async ({ store, together }) => {
      const refs = [
        { kind: 'thing', id: 'a' },
        { kind: 'else', id: 'b' },
      ];
      await does(store, 'ada', { writes: [put('a', { data: -1 }), put('b', { kind: 'else', data: -1 })] });
      const pairs = await together(CALLERS, async (each, caller) => {
        if (caller % 2)
          await does(each, 'ada', { writes: [put('a', { data: caller }), put('b', { kind: 'else', data: caller })] });
        return await each.read('ada', refs);
      });
      for (const [a, b] of pairs) assert.equal(a?.[0]?.data, b?.[0]?.data);
    },
  ],
  [
    'race: one of 50 commits logs, the one that happened',
    async ({ store, together }) => {
      const answers = await together(CALLERS, (each, caller) =>
        each.commit('ada', {
          writes: [put('a', { if: 'absent' })],
          log: [{ id: `row of ${caller}`, at: caller, type: 't', owner: 'ada', data: caller }],
        }),
      );
      const { rows } = await store.scan({});
      assert.deepEqual(
        rows.map(({ data }) => data),
        [answers.findIndex(({ ok }) => ok)],
      );
    },
  ],
  [
    'race: 50 append the same log row, and it is there once',
    async ({ store, together }) => {
      await together(CALLERS, (each) => each.append([{ id: 'row', at: 1, type: 't', data: null }]));
      assert.equal((await store.scan({})).rows.length, 1);
    },
  ],
  [
    'X09 race: sweeping beside live traffic takes nothing that is alive',
    async ({ store, together, tick, until }) => {
      const { now } = await does(store, 'ada', {
        writes: Array.from({ length: 20 }, (_, index) => put(`old ${index}`, { ttlMs: tick })),
      });
      await until(now + tick);
      await together(CALLERS, async (each, caller) => {
        if (caller % 5 === 0) await each.sweep();
        else await does(each, 'ada', { writes: [put(`old ${caller % 20}`), { do: 'bump', kind: 'epoch', id: 'e' }] });
      });
      assert.equal((await one(store, 'ada', 'epoch', 'e'))?.mark, 40);
      const [records] = await store.read('ada', [{ kind: 'thing' }]);
      assert.equal(
        records?.reduce((sum, { version }) => sum + version, 0),
        40,
      );
    },
  ],
];
