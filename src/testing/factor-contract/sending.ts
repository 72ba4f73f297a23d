import assert from 'node:assert/strict';
import { assertNotRight, type Case, throughJson } from './bench.js';

/** For factors whose codes are sent. */
export const sending: readonly Case[] = [
  [
    'sends to a normalised place, and shows only a mask of it',
    async ({ factor, context, begin }) => {
      const { enrolment, destination } = factor.sending
        ? await begin()
        : { enrolment: undefined, destination: undefined };
      if (!factor.sending || !enrolment) return;
      const told = await factor.sending(enrolment.data, context());
      assert.match(told.to, /^\+[1-9]\d{6,14}$|^[^\s@]+@[^\s@]+$/, 'E.164, or a plain address');
      assert.ok(told.channels.length > 0);
      assert.equal(told.destination, destination);
      assert.ok(
        !told.destination.includes(told.to) &&
          !(told.to.startsWith('+') && told.destination.includes(told.to.slice(-4))),
        'the mask shows too much',
      );
    },
  ],
  [
    'makes a code and keeps nothing that tells it',
    async ({ factor, context, begin, challenge, right, sends }) => {
      if (!sends) return;
      const begun = await begin();
      const sent = await challenge(begun);
      assert.ok(sent !== undefined);
      const kept = JSON.stringify(throughJson(sent));
      for (const value of Object.values(await right(begun)))
        assert.ok(!kept.includes(String(value)), 'the code is kept as it is');
      const { to } = (await factor.sending?.(begun.enrolment.data, context())) ?? { to: '' };
      assert.ok(!kept.includes(to), 'the number is kept as it is');
    },
  ],
  [
    'sends nothing before it is told to',
    async ({ factor, context, begin, right, sends, challenge }) => {
      if (!sends || !factor.prepareSend || !factor.sending) return;
      const begun = await begin();
      await challenge(begun);
      const before = JSON.stringify(await right(begun));
      const { channels } = await factor.sending(begun.enrolment.data, context());
      const [channel] = channels;
      assert.ok(channel);
      const job = { enrolment: begun.enrolment, channel, ttlMs: 300_000, sendId: 'contract-unsent' };
      await factor.prepareSend(job, context());
      assert.equal(JSON.stringify(await right(begun)), before, 'a code arrived that nobody sent');
    },
  ],
  [
    'answers a call that is over before it began, and does not throw',
    async ({ factor, context, begin, sends }) => {
      if (!sends || !factor.prepareSend || !factor.sending) return;
      const { enrolment } = await begin();
      const [channel] = (await factor.sending(enrolment.data, context())).channels;
      assert.ok(channel);
      const prepared = await factor.prepareSend(
        { enrolment, channel, ttlMs: 300_000, sendId: 'contract-late' },
        context(),
      );
      const outcome = await prepared.transmit(AbortSignal.abort());
      assert.equal(outcome.ok, false, 'nothing was sent');
    },
  ],
  [
    'takes only the newest code, unless the other side sends the same again',
    async ({ factor, context, begin, challenge, right, sends }) => {
      if (!sends) return;
      const begun = await begin();
      const first = await challenge(begun);
      const old = await right(begun);
      const second = await challenge(begun, first);
      const input = await right(begun);
      const verdict = await factor.verify({ enrolment: begun.enrolment, challenge: second, input }, context());
      assert.equal(verdict.ok, true);
      if (JSON.stringify(old) === JSON.stringify(input)) return;
      const about = { enrolment: begun.enrolment, challenge: await challenge(begun, second), input: old };
      assertNotRight(await factor.verify(about, context()), 'took an older code');
    },
  ],
  [
    'takes no code without a challenge, or with one of another shape',
    async ({ factor, context, begin, challenge, right, sends }) => {
      if (!sends) return;
      const begun = await begin();
      await challenge(begun);
      const input = await right(begun);
      for (const other of [undefined, null, {}, [], 'x', 7, { ref: 7 }, { hash: '' }]) {
        const answer = { enrolment: begun.enrolment, challenge: other as never, input };
        assertNotRight(
          await factor.verify(answer, context()),
          `took a code for the challenge ${JSON.stringify(other)}`,
        );
      }
    },
  ],
  [
    'discards a challenge without a word, its own or not',
    async ({ factor, context, begin, challenge, sends }) => {
      if (!sends || !factor.discard) return;
      const own = await challenge(await begin());
      for (const data of [own, {}, { ref: 'no-such-reference' }])
        assert.equal(await factor.discard(data as never, context()), undefined);
    },
  ],
];
