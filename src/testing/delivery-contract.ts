import assert from 'node:assert/strict';
import type { Channel, Delivery } from '../core/delivery.js';
import {
  assertFailure,
  assertNotCorrect,
  assertPlain,
  briefly,
  CODE,
  calmly,
  firstChannel,
  job,
  otherThan,
  promptly,
  refOf,
} from './delivery-contract/sends.js';
import type { ContractCase } from './store-contract.js';

export interface DeliveryContractOptions {
  /** A delivery over another side that works. Made afresh for each case. */
  readonly create: () => Delivery | Promise<Delivery>;
  /** A place that can be sent to, a new one with each call: codes of one case must not be those of another. */
  readonly destination: (channel: Channel) => string;
  /** The newest code that arrived at `to`. Without it, what arrives is not looked at, and a code of theirs is never found right. */
  readonly arrived?: (to: string, channel: Channel) => string | undefined | Promise<string | undefined>;
  /** The same over another side that takes the request and never answers. Without it, those cases are left out. */
  readonly createHanging?: () => Delivery | Promise<Delivery>;
  /** The same over another side that refuses, breaks off or talks nonsense: one for each way. */
  readonly createFailing?: readonly (() => Delivery | Promise<Delivery>)[];
}

const CHANNELS: readonly Channel[] = ['sms', 'voice', 'whatsapp', 'flash-call', 'email'];
/**
 * The cases every delivery must pass, for whoever brings one: `for (const { name, run } of deliveryContract({ ... })) it(name, run)`.
 * Needs no test framework.
 */
export function deliveryContract(options: DeliveryContractOptions): ContractCase[] {
  return [
    ...selfDescription(options),
    ...sending(options),
    ...checking(options),
    ...beingInterrupted(options),
    ...failing(options),
  ];
}

function selfDescription({ create }: DeliveryContractOptions): ContractCase[] {
  return [
    {
      name: 'has a short name that stays the same',
      async run() {
        const [one, other] = [await create(), await create()];
        assert.match(one.name, /^[a-z][a-z0-9-]{1,39}$/);
        assert.equal(one.name, other.name);
      },
    },
    {
      name: 'offers known channels, each once, and checks exactly where a code is theirs',
      async run() {
        const { offers, check } = await create();
        const channels = offers.map(({ channel }) => channel);
        assert.ok(channels.length > 0, 'offers nothing');
        assert.equal(new Set(channels).size, channels.length, 'offers a channel twice');
        assert.deepEqual(
          channels.filter((channel) => !CHANNELS.includes(channel)),
          [],
        );
        assert.equal(
          typeof check === 'function',
          offers.some(({ code }) => code === 'theirs'),
        );
      },
    },
  ];
}

function sending({ create, destination, arrived }: DeliveryContractOptions): ContractCase[] {
  return [
    {
      name: 'sends over each channel it offers, and says whose code it is and what the send is called',
      async run() {
        const delivery = await create();
        for (const { channel, code } of delivery.offers) {
          const to = destination(channel);
          const result = await delivery.send(job(channel, to), calmly());
          assertPlain(result);
          assert.equal(result.sent, 'yes', `${channel}: ${JSON.stringify(result)}`);
          assert.equal(result.codeOwner, code);
          assert.ok(result.ref.length > 0 && result.ref.length <= 256, 'a reference of 1 to 256 characters');
          if (code === 'ours' && arrived !== undefined) assert.equal(await arrived(to, channel), CODE);
        }
      },
    },
    {
      name: 'keeps sends apart that run at the same time',
      async run() {
        const delivery = await create();
        const channel = firstChannel(delivery);
        const both = await Promise.all(
          ['contract-1', 'contract-2'].map((sendId) =>
            delivery.send({ ...job(channel, destination(channel)), sendId }, calmly()),
          ),
        );
        assert.equal(new Set(both.map(refOf)).size, 2, 'two sends share a reference');
      },
    },
    {
      name: 'sends again to the same place',
      async run() {
        const delivery = await create();
        for (const { channel } of delivery.offers) {
          const to = destination(channel);
          const first = refOf(await delivery.send(job(channel, to), calmly()));
          const again = await delivery.send({ ...job(channel, to), sendId: 'contract-2', resendOf: first }, calmly());
          assert.equal(again.sent, 'yes', `${channel}: ${JSON.stringify(again)}`);
        }
      },
    },
    {
      name: 'sends nothing over a channel it does not offer, and does not throw',
      async run() {
        const delivery = await create();
        const offered = delivery.offers.map(({ channel }) => channel);
        for (const channel of CHANNELS.filter((one) => !offered.includes(one))) {
          const result = await delivery.send(job(channel, '+12025550100'), calmly());
          assertFailure(result);
          assert.equal(result.sent, 'no');
        }
      },
    },
  ];
}

function checking(options: DeliveryContractOptions): ContractCase[] {
  const { destination, arrived } = options;
  return [
    theirs(options, 'takes the right code once, where the code is theirs', async ({ delivery, check, channel }) => {
      if (arrived === undefined) return;
      const to = destination(channel);
      const ref = refOf(await delivery.send(job(channel, to), calmly()));
      const code = (await arrived(to, channel)) ?? assert.fail('no code arrived');
      assert.deepEqual(await check({ ref, to, code: otherThan(code) }, calmly()), { verdict: 'wrong' });
      assert.deepEqual(await check({ ref, to, code }, calmly()), { verdict: 'correct' });
      assertNotCorrect(await check({ ref, to, code }, calmly()));
    }),
    theirs(options, 'takes the newest code with the newest reference', async ({ delivery, check, channel }) => {
      if (arrived === undefined) return;
      const to = destination(channel);
      const first = refOf(await delivery.send(job(channel, to), calmly()));
      const ref = refOf(await delivery.send({ ...job(channel, to), resendOf: first }, calmly()));
      const code = (await arrived(to, channel)) ?? assert.fail('no code arrived');
      assert.deepEqual(await check({ ref, to, code }, calmly()), { verdict: 'correct' });
    }),
    theirs(options, 'never takes the code of one place for another', async ({ delivery, check, channel }) => {
      const [to, other] = [destination(channel), destination(channel)];
      const ref = refOf(await delivery.send(job(channel, to), calmly()));
      assertNotCorrect(await check({ ref, to: other, code: (await arrived?.(to, channel)) ?? CODE }, calmly()));
    }),
    theirs(options, 'finds nothing right under a reference it never gave', async ({ check, channel }) => {
      for (const ref of ['', 'no-such-reference', '../x', '\u0000']) {
        assertNotCorrect(await check({ ref, to: destination(channel), code: CODE }, calmly()));
      }
    }),
    theirs(options, 'takes no text that cannot be a code', async ({ delivery, check, channel }) => {
      const to = destination(channel);
      const ref = refOf(await delivery.send(job(channel, to), calmly()));
      for (const code of ['', ' ', '*', 'a'.repeat(1_000)]) assertNotCorrect(await check({ ref, to, code }, calmly()));
    }),
    {
      name: 'cancels without a word, whatever the reference',
      async run() {
        const delivery = await options.create();
        for (const ref of ['', 'no-such-reference', '../x']) {
          assert.equal(await delivery.cancel?.(ref, calmly()), undefined);
        }
        assert.equal(await delivery.cancel?.('no-such-reference', { signal: AbortSignal.abort() }), undefined);
      },
    },
  ];
}

function beingInterrupted({ create, createHanging, destination, arrived }: DeliveryContractOptions): ContractCase[] {
  const early: ContractCase = {
    name: 'sends nothing when the call is over before it begins',
    async run() {
      const delivery = await create();
      for (const { channel } of delivery.offers) {
        const to = destination(channel);
        const result = await promptly(delivery.send(job(channel, to), { signal: AbortSignal.abort() }));
        assertFailure(result);
        assert.equal(result.sent, 'no', 'nothing was begun, so it is known that nothing was sent');
        assert.equal(await arrived?.(to, channel), undefined);
      }
    },
  };
  if (createHanging === undefined) return [early];
  const hanging: ContractCase = {
    name: 'stops waiting when told to, and then does not know whether it was sent',
    async run() {
      const delivery = await createHanging();
      const channel = firstChannel(delivery);
      const to = destination(channel);
      const result = await promptly(delivery.send(job(channel, to), briefly()));
      assertFailure(result);
      assert.deepEqual([result.sent, result.why], ['unknown', 'timeout']);
      await promptly(delivery.cancel?.('no-such-reference', briefly()));
    },
  };
  return [early, hanging];
}

function failing({ createFailing = [], destination }: DeliveryContractOptions): ContractCase[] {
  return createFailing.map((createBroken, index) => ({
    name: `answers with a class and nothing of the other side’s words (failure ${index + 1})`,
    async run() {
      const delivery = await createBroken();
      for (const { channel } of delivery.offers) {
        const to = destination(channel);
        const result = await delivery.send(job(channel, to), calmly());
        assertFailure(result);
        for (const secret of [to, CODE])
          assert.ok(!JSON.stringify(result).includes(secret), 'number or code in the result');
      }
    },
  }));
}

interface Theirs {
  readonly delivery: Delivery;
  readonly check: NonNullable<Delivery['check']>;
  readonly channel: Channel;
}

/** A case that runs for each channel whose code is theirs; with none there is nothing to say. */
function theirs(
  { create }: DeliveryContractOptions,
  name: string,
  each: (subject: Theirs) => Promise<void>,
): ContractCase {
  return {
    name,
    async run() {
      const delivery = await create();
      const check = delivery.check?.bind(delivery);
      if (check === undefined) return;
      for (const { channel, code } of delivery.offers) {
        if (code === 'theirs') await each({ delivery, check, channel });
      }
    },
  };
}
