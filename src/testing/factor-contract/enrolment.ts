import assert from 'node:assert/strict';
import { assertRefusal, type Begun, type Case, HOSTILE } from './bench.js';

/** Shorter texts are words of a factor's own, such as `SHA1`. */
const SHORTEST_SECRET = 12;

export const enrolment: readonly Case[] = [
  [
    'describes itself: a kind for URLs, references of RFC 8176, a strength, a role',
    async ({ factor, options }) => {
      assert.match(factor.kind, /^[a-z][a-z0-9-]{0,30}$/);
      assert.notEqual(factor.kind, 'password');
      assert.ok(Array.isArray(factor.amr) && factor.amr.length > 0);
      assert.ok(factor.amr.every((one) => /^[a-z]+$/.test(one)));
      assert.ok(Number.isFinite(factor.strength) && factor.strength > 0);
      assert.ok(factor.role === 'factor' || factor.role === 'backup');
      assert.equal(
        factor.prepareSend !== undefined,
        factor.sending !== undefined,
        '`sending` and `prepareSend` go together',
      );
      const again = await options.create();
      assert.deepEqual([again.kind, again.amr, again.role], [factor.kind, factor.amr, factor.role]);
    },
  ],
  [
    'begins to be set up with what a person sends, and has a name for it',
    async ({ factor, options, context, begin, sends }) => {
      if (factor.role !== 'factor') return;
      const { enrolment: begun } = await begin();
      assert.ok(begun.name.trim().length > 0 && begun.name.length <= 64);
      const told = await factor.beginEnrolment(options.enrolWith ?? {}, context());
      assert.ok(told.ok);
      assert.equal(told.channel !== undefined, sends, 'a channel exactly where a code is sent');
    },
  ],
  [
    'refuses what cannot be set up, in words of ERRORS, and never throws',
    async ({ factor, options, context }) => {
      for (const input of options.badEnrolments ?? []) assertRefusal(await factor.beginEnrolment(input, context()));
      for (const input of HOSTILE) {
        const begun = await factor.beginEnrolment(input, context());
        if (!begun.ok) assertRefusal(begun);
      }
    },
  ],
  [
    'keeps nothing secret in the clear',
    async ({ factor, options, begin }) => {
      if (factor.role !== 'factor') return;
      const begun = await begin();
      const kept = JSON.stringify(begun.enrolment.data);
      for (const secret of [...textsOf(begun), ...longTexts(options.enrolWith ?? {})])
        assert.ok(!kept.includes(secret), 'what a person is shown, or sent, is in `data` as it is');
      const digits = Object.values(options.enrolWith ?? {}).map((value) => String(value).replace(/\D/g, ''));
      for (const number of digits.filter(({ length }) => length >= 7))
        assert.ok(!kept.includes(number.slice(-7)), 'a number is in `data` as it is');
    },
  ],
  [
    'makes another secret for everybody',
    async ({ factor, begin, sends }) => {
      // What a code is sent to is no secret, and everybody's own.
      if (factor.role !== 'factor' || sends) return;
      const [one, other] = [await begin(), await begin()];
      for (const [field, value] of Object.entries(one.display)) {
        if (typeof value === 'string' && value.length >= SHORTEST_SECRET) assert.notEqual(other.display[field], value);
      }
    },
  ],
  [
    'shows the same each time it is asked, in texts and numbers',
    async ({ factor, context, begin }) => {
      if (factor.role !== 'factor' || !factor.display) return;
      const { enrolment: begun, display } = await begin();
      assert.deepEqual(await factor.display(begun.data, context()), display);
      for (const value of Object.values(display)) assert.ok(['string', 'number'].includes(typeof value));
    },
  ],
  [
    'is set up by the right answer, and by no wrong one',
    async ({ factor, context, begin, challenge, right, wrong }) => {
      if (factor.role !== 'factor') return;
      const begun = await begin();
      const sent = await challenge(begun);
      const check = (factor.confirmEnrolment ?? factor.verify).bind(factor);
      const answer = await right(begun);
      const about = { enrolment: begun.enrolment, challenge: sent };
      const no = await check({ ...about, input: wrong(answer) }, context());
      assert.deepEqual([no.ok, no.ok || no.reason], [false, 'wrong']);
      assert.equal(factor.refuseMalformed(answer, 'enrolment'), undefined);
      assert.equal((await check({ ...about, input: answer }, context())).ok, true);
    },
  ],
];

function textsOf({ display }: Begun): readonly string[] {
  return longTexts(display);
}

function longTexts(of: { readonly [field: string]: unknown }): readonly string[] {
  return Object.values(of).filter(
    (value): value is string => typeof value === 'string' && value.length >= SHORTEST_SECRET,
  );
}
