import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { generateSync } from 'otplib';
import { refuse } from '../../src/core/errors.js';
import type { Factor, Verdict } from '../../src/core/factor.js';
import { type Inbox, inbox } from '../../src/delivery/inbox.js';
import { twilioVerify } from '../../src/delivery/twilio.js';
import { backupCodes } from '../../src/factors/backup-codes.js';
import { email } from '../../src/factors/email-codes.js';
import { phone, type SentCodeOptions, sms, voice } from '../../src/factors/phone-codes.js';
import { totp } from '../../src/factors/totp.js';
import { type FactorContractOptions, factorContract } from '../../src/testing/index.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';

const shownBy: NonNullable<FactorContractOptions['answer']> = ({ display, context }) => ({
  code: generateSync({
    secret: String(display.secret),
    algorithm: String(display.algorithm).toLowerCase() as 'sha1',
    digits: Number(display.digits) as 6,
    period: Number(display.period),
    epoch: Math.floor(context.now / 1000),
  }),
});

let box: Inbox;
const anyWay = ({ via, countries }: SentCodeOptions) =>
  phone({
    countries,
    channels: [
      { channel: 'whatsapp', via },
      { channel: 'sms', via },
      { channel: 'voice', via },
    ],
  });
const boxed = (make: typeof sms): FactorContractOptions => ({
  create() {
    box = inbox();
    return make({ via: box, countries: ['US'] });
  },
  enrolWith: { phone: '+1 212 555 0100' },
  badEnrolments: [
    {},
    { phone: '12' },
    { phone: '+44 7400 123456' },
    { phone: '+1 900 555 0100' },
    { phone: ['+12125550100'] },
  ],
  answer: ({ to }) => ({ code: box.messages().findLast((message) => message.to === to)?.code ?? 'nothing arrived' }),
});

const mailed: FactorContractOptions = {
  create() {
    box = inbox();
    return email({ via: box, resetAddresses: () => 'ada@acme.example' });
  },
  enrolWith: { email: 'ada@private.example' },
  badEnrolments: [{}, { email: 'ada' }, { email: 'ada@acme.example' }, { email: ['ada@private.example'] }],
  answer: ({ to }) => ({ code: box.messages().findLast((message) => message.to === to)?.code ?? 'nothing arrived' }),
};

/** A factor of somebody's own: a word that only its owner knows, with a number that goes up. */
function wordFactor(change: Partial<Factor> = {}): Factor {
  const tokenOf = (input: { readonly token?: unknown }) =>
    typeof input.token === 'string' ? /^([a-z]{16})-(\d{1,6})$/.exec(input.token) : null;
  let made = 0;
  return {
    kind: 'word-card',
    amr: ['otp'],
    strength: 50,
    role: 'factor',
    async beginEnrolment(_input, context) {
      made += 1;
      const word = 'abcdefghijklmnop'.slice(made % 8).padEnd(16, 'qrstuvwx'.slice(made % 7));
      return { ok: true, data: { word: await context.seal(word) }, defaultName: 'Word card' };
    },
    async display(data, context) {
      return { word: await context.open((data as { word: string }).word) };
    },
    refuseMalformed: (input) => (tokenOf(input) ? undefined : refuse('code_malformed', { field: 'token' })),
    async verify({ enrolment, input }, context): Promise<Verdict> {
      const [, word, number] = tokenOf(input) ?? [];
      if (word === undefined) return { ok: false, reason: 'malformed' };
      const isRight = word === (await context.open((enrolment.data as { word: string }).word));
      return isRight && Number(number) > enrolment.mark
        ? { ok: true, raiseMarkTo: Number(number) }
        : { ok: false, reason: 'wrong' };
    },
    ...change,
  };
}

const wordCard: FactorContractOptions = {
  create: () => wordFactor(),
  answer: ({ display }) => ({ token: `${display.word}-7` }),
  wrong: () => ({ token: `${'z'.repeat(16)}-7` }),
};

const factors: Record<string, FactorContractOptions> = {
  email: mailed,
  totp: { create: () => totp(), answer: shownBy },
  'totp with other parameters': {
    create: () => totp({ digits: 8, algorithm: 'sha512', period: 60, window: 2 }),
    answer: shownBy,
  },
  'sms into an inbox': boxed(sms),
  'voice into an inbox': boxed(voice),
  'a phone with several channels, into an inbox': boxed(anyWay),
  'backup codes': { create: () => backupCodes({ count: 5 }) },
  'a factor of somebody’s own': wordCard,
};

describe.each(Object.entries(factors))('the factor contract: %s', (_name, options) => {
  it.each(factorContract(options))('$name', ({ run }) => run());
});

describe('the factor contract: sms by Twilio Verify', () => {
  let twilio: TwilioDouble;
  beforeEach(async () => {
    twilio = await twilioDouble();
  });
  afterEach(() => twilio.close());

  const options: FactorContractOptions = {
    create: () =>
      sms({ via: twilioVerify({ client: twilio.client(), serviceSid: twilio.serviceSid }), countries: ['US'] }),
    enrolWith: { phone: '+1 212 555 0100' },
    answer: ({ to = '' }) => ({ code: twilio.codeFor(to) ?? 'nothing arrived' }),
  };
  it.each(factorContract(options))('$name', ({ run }) => run());
});

describe('the factor contract finds', () => {
  const BROKEN: Record<string, Partial<Factor>> = {
    'a factor that throws at what is no answer': {
      verify: async ({ input }) => ({ ok: (input.token as string).startsWith('x') }) as Verdict,
    },
    'a factor that takes anything truthy for right': { verify: async () => ({ ok: 1 }) as unknown as Verdict },
    'a factor that claims nothing, so that an answer is right for ever': {
      async verify({ input }, context) {
        const right = /^([a-z]{16})-7$/.exec(String(input.token))?.[1];
        return right !== undefined && context.now > 0 && right !== 'z'.repeat(16)
          ? { ok: true }
          : { ok: false, reason: 'wrong' };
      },
    },
    'a factor that keeps its secret in the clear': {
      async beginEnrolment() {
        return { ok: true, data: { word: 'abcdefghijklmnop' }, defaultName: 'Word card' };
      },
      display: async (data) => ({ word: (data as { word: string }).word }),
    },
    'a factor that refuses guesses as malformed': { refuseMalformed: () => refuse('code_malformed') },
    'a factor that gives everybody the same secret': {
      beginEnrolment: async (_input, context) => ({
        ok: true,
        data: { word: await context.seal('abcdefghijklmnop') },
        defaultName: 'Word card',
      }),
    },
    'a factor whose kind is no word for a URL': { kind: 'Word Card' },
    'a factor whose data is not JSON': {
      beginEnrolment: async () => ({ ok: true, data: { at: new Date() } as never, defaultName: 'Word card' }),
    },
    'a factor that makes up an error code': {
      beginEnrolment: async (input) =>
        Object.keys(input).length > 0
          ? ({ ok: false, code: 'nope' } as never)
          : { ok: true, data: {}, defaultName: 'Word card' },
    },
  };

  it.each(Object.entries(BROKEN))('%s', async (_name, change) => {
    const cases = factorContract({ ...wordCard, create: () => wordFactor(change) });
    const failed = await Promise.all(
      cases.map(({ run }) =>
        run().then(
          () => 0,
          () => 1,
        ),
      ),
    );
    expect(failed.filter((one) => one === 1).length).toBeGreaterThan(0);
  });

  it('nothing in a factor that is right', async () => {
    for (const { run } of factorContract(wordCard)) await run();
  });
});
