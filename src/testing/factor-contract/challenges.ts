import assert from 'node:assert/strict';
import { applied, assertNotRight, assertRefusal, assertVerdict, type Case, HOSTILE } from './bench.js';

export const challenges: readonly Case[] = [
  [
    'looks at the shape of an answer without throwing, whatever it is given',
    async ({ factor }) => {
      for (const purpose of ['enrolment', 'challenge'] as const) {
        for (const input of HOSTILE) {
          const refusal = factor.refuseMalformed(input, purpose);
          if (refusal !== undefined) assertRefusal(refusal);
        }
      }
    },
  ],
  [
    'takes nothing of that for right, and never throws over it',
    async ({ factor, context, begin, challenge }) => {
      if (factor.role !== 'factor') return;
      const begun = await begin();
      const sent = await challenge(begun);
      const checks = [factor.verify.bind(factor), (factor.confirmEnrolment ?? factor.verify).bind(factor)];
      for (const check of checks) {
        for (const input of HOSTILE) {
          const verdict = await check({ enrolment: begun.enrolment, challenge: sent, input }, context());
          assertNotRight(verdict, `took ${JSON.stringify(input).slice(0, 60)} for right`);
        }
      }
    },
  ],
  [
    'finds a wrong answer well formed and wrong: a verdict, not an exception',
    async ({ factor, context, begin, challenge, right, wrong }) => {
      if (factor.role !== 'factor') return;
      const begun = await begin();
      const sent = await challenge(begun);
      const answer = wrong(await right(begun));
      assert.equal(
        factor.refuseMalformed(answer, 'challenge'),
        undefined,
        'what is refused here costs a guesser nothing',
      );
      const verdict = await factor.verify({ enrolment: begun.enrolment, challenge: sent, input: answer }, context());
      assertVerdict(verdict);
      assert.deepEqual([verdict.ok, verdict.ok || verdict.reason], [false, 'wrong']);
    },
  ],
  [
    'takes the right answer',
    async ({ factor, context, begin, challenge, right }) => {
      if (factor.role !== 'factor') return;
      const begun = await begin();
      const sent = await challenge(begun);
      const input = await right(begun);
      assert.equal(factor.refuseMalformed(input, 'challenge'), undefined);
      const verdict = await factor.verify({ enrolment: begun.enrolment, challenge: sent, input }, context());
      assertVerdict(verdict);
      assert.equal(verdict.ok, true, JSON.stringify(verdict));
      assert.ok(applied(verdict, begun), 'claims a mark that is no higher than it was');
    },
  ],
  [
    'takes it once: after what it claims was done, the same answer is not right',
    async ({ factor, context, begin, challenge, right, sends }) => {
      if (factor.role !== 'factor') return;
      const begun = await begin();
      const sent = await challenge(begun);
      const input = await right(begun);
      const first = await factor.verify({ enrolment: begun.enrolment, challenge: sent, input }, context());
      const after = applied(first, begun);
      assert.ok(first.ok && after);
      // The challenge went with the answer; a factor without one has to claim a step.
      const again = await factor.verify({ enrolment: after, challenge: undefined, input }, context());
      assertVerdict(again);
      const second = applied(again, { ...begun, enrolment: after });
      assert.ok(
        !again.ok || second === undefined,
        sends ? 'right without its challenge' : 'the same answer was right twice',
      );
    },
  ],
  [
    'takes it once also where it is sent twice at the same time: both claim the same',
    async ({ factor, context, begin, right, sends }) => {
      if (factor.role !== 'factor' || sends) return;
      const begun = await begin();
      const answer = { enrolment: begun.enrolment, challenge: undefined, input: await right(begun) };
      const [one, other] = await Promise.all([factor.verify(answer, context()), factor.verify(answer, context())]);
      const after = one && applied(one, begun);
      assert.ok(one?.ok && other && after);
      assert.equal(
        applied(other, { ...begun, enrolment: after }),
        undefined,
        'the second of two at once would be right as well',
      );
    },
  ],
  [
    'takes one user’s answer, or secret, for nobody else',
    async ({ factor, context, begin, challenge, right }) => {
      if (factor.role !== 'factor') return;
      const [adas, bobs] = [await begin(), await begin()];
      const sent = await challenge(adas);
      const input = await right(adas);
      const moved = { ...bobs.enrolment, data: adas.enrolment.data };
      for (const lent of [context({ owner: 'u:bob' }), context({ enrolmentId: 'another' })])
        assert.notEqual(await ok(factor.verify({ enrolment: moved, challenge: sent, input }, lent)), true);
    },
  ],
  [
    'tells how long to wait in whole seconds, none before the first use',
    async ({ factor, context, begin, right, challenge }) => {
      if (!factor.waitSeconds) return;
      const begun = await begin();
      const { now } = context();
      assert.equal(factor.waitSeconds(begun.enrolment, now), 0);
      const sent = await challenge(begun);
      const verdict = await factor.verify(
        { enrolment: begun.enrolment, challenge: sent, input: await right(begun) },
        context(),
      );
      const after = applied(verdict, begun);
      assert.ok(after);
      const wait = factor.waitSeconds(after, now);
      assert.ok(Number.isInteger(wait) && wait >= 0);
      assert.equal(factor.waitSeconds(after, now + wait * 1000), 0, 'after the wait there is none');
    },
  ],
];

/** Sealed for somebody else: a factor that cannot read it may say so by throwing. */
async function ok(verdict: Promise<{ readonly ok: boolean }>): Promise<boolean> {
  try {
    return (await verdict).ok;
  } catch {
    return false;
  }
}
