/** One number and several ways to reach it: which one a code goes by, and what nobody is moved to behind their back. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Channel, FailureClass } from '../../src/core/delivery.js';
import { twilioCalls, twilioMessages } from '../../src/delivery/twilio.js';
import {
  type Delivery,
  type MfaEvent,
  type MfaOptions,
  type Policy,
  type PriceOptions,
  phone,
  type SendJob,
  type SendResult,
  type Store,
  totp,
} from '../../src/index.js';
import { twilioCallback } from '../doubles/callbacks.js';
import { type TwilioDouble, twilioDouble } from '../doubles/twilio.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';
import { PHONE } from '../support/texting.js';
import { AUTH_TOKEN, door, TWILIO_URL, WEBHOOKS } from '../support/webhooks.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LANDLINE = '+61255501234';

interface Carrier extends Delivery {
  readonly jobs: SendJob[];
  fails?: FailureClass;
}

/** Brings codes of ours over one channel, and fails as the test says. */
function carrier(channel: Channel): Carrier {
  const jobs: SendJob[] = [];
  const one: Carrier = {
    name: `by-${channel}`,
    jobs,
    offers: [{ channel, code: 'ours' }],
    async send(job): Promise<SendResult> {
      jobs.push(job);
      return one.fails ? { sent: 'no', why: one.fails } : { sent: 'yes', ref: `ref-${jobs.length}`, codeOwner: 'ours' };
    },
  };
  return one;
}

const price = (channel: Channel, perSend: string): PriceOptions => ({
  carrier: `by-${channel}`,
  channel,
  perSend,
  currency: 'USD',
});
const PRICES = [price('sms', '0.05'), price('whatsapp', '0.02'), price('voice', '0.09')];
const WIDE = { sendsPerNumber10Min: 5, sendsPerNumberHour: 20, sendsPerNumberDay: 50, sendsPerUserHour: 50 };

type Options = Omit<Partial<MfaOptions<TestUser>>, 'store'> & {
  readonly number?: string;
  readonly store?: (clock: () => number) => Store;
};

interface Scene {
  readonly host: TestHost;
  readonly carriers: Record<'sms' | 'whatsapp' | 'voice', Carrier>;
  readonly factorId: string;
  /** A new browser, after the password. */
  arrives(): Promise<Person>;
  /** What is offered to her. */
  offered(ada: Person): Promise<Record<string, unknown>>;
  asks(ada: Person, channel?: string): ReturnType<Person['post']>;
  /** The code that was brought last. */
  code(): string;
  answers(ada: Person): Promise<void>;
  sent(): readonly (readonly [Channel, string | undefined])[];
}

/** Ada with an authenticator and a phone, a day later. */
async function adaHasPhone({ number = PHONE, store, ...mfa }: Options = {}): Promise<Scene> {
  const clock = testClock();
  const carriers = { sms: carrier('sms'), whatsapp: carrier('whatsapp'), voice: carrier('voice') };
  const all = Object.values(carriers);
  const host = createHost(
    {
      ...(store ? { store: store(clock) } : {}),
      mfa: {
        factors: [
          totp(),
          phone({
            countries: ['US', 'AU'],
            channels: [
              { channel: 'sms', via: carriers.sms },
              { channel: 'whatsapp', via: carriers.whatsapp, types: ['mobile', 'mobile-or-landline'] },
              { channel: 'voice', via: carriers.voice },
            ],
          }),
        ],
        limits: WIDE,
        ...mfa,
      },
    },
    clock,
  );
  let newest: SendJob | undefined;
  for (const one of all) {
    const { send } = one;
    one.send = async (job, context) => {
      newest = job;
      return await send(job, context);
    };
  }
  const code = () => newest?.code ?? 'nothing arrived';
  const first = await new Person(host, 'ada').enrolsTotp();
  const begun = await first.post('/mfa/factors/phone', { phone: number }).expect(201);
  await first.post(`/mfa/factors/${begun.body.id}/confirm`, { code: code() }).expect(200);
  const factorId = String(begun.body.id);
  clock.advance(DAY);
  host.events.length = 0;
  for (const { jobs } of all) jobs.length = 0;
  return {
    host,
    carriers,
    factorId,
    code,
    async arrives() {
      const ada = first.elsewhere();
      await ada.password().expect(200);
      return ada;
    },
    async offered(ada) {
      const { body } = await ada.get('/mfa/challenge').expect(200);
      const { name: _, factorId: __, ...option } = body.factors.find((one: { kind: string }) => one.kind === 'phone');
      return option;
    },
    asks: (ada, channel) => ada.post('/mfa/challenge', { factorId, ...(channel === undefined ? {} : { channel }) }),
    answers: async (ada) => void (await ada.verify({ factorId, code: code() }).expect(200)),
    sent: () =>
      host.events
        .filter((event): event is MfaEvent<'challenge.sent'> => event.type === 'challenge.sent')
        .map(({ channel, channelBy }) => [channel, channelBy]),
  };
}

describe('which channel a code goes by', () => {
  it('is the operator’s first, without a price list', async () => {
    const { arrives, asks, offered, sent } = await adaHasPhone();
    const ada = await arrives();
    expect((await ada.password().expect(200)).body.factors).toContainEqual(
      expect.objectContaining({ kind: 'phone', channels: ['sms', 'whatsapp', 'voice'], suggestedChannel: 'sms' }),
    );
    expect(await offered(ada)).toMatchObject({
      kind: 'phone',
      destination: '••••••••00',
      channels: ['sms', 'whatsapp', 'voice'],
      suggestedChannel: 'sms',
      lastChannel: 'sms',
    });
    expect((await asks(ada).expect(202)).body).toMatchObject({ channel: 'sms' });
    expect(sent()).toEqual([['sms', 'given']]);
  });

  it('is the cheapest with one; and the operator’s again where that is wanted', async () => {
    const cheap = await adaHasPhone({ prices: PRICES });
    const ada = await cheap.arrives();
    expect(await cheap.offered(ada)).toMatchObject({ suggestedChannel: 'whatsapp' });
    await cheap.asks(ada).expect(202);
    expect(cheap.sent()).toEqual([['whatsapp', 'cost']]);
    const given = await adaHasPhone({ prices: PRICES, channelOrder: 'given' });
    expect(await given.offered(await given.arrives())).toMatchObject({ suggestedChannel: 'sms' });
  });

  it('moves from a cheap one whose codes are not answered, and tells nobody what anything costs', async () => {
    const { host, arrives, asks, offered, answers, sent } = await adaHasPhone({ prices: PRICES });
    const shown = new Set<string>();
    for (let sends = 0; sends < 40 && sent().at(-1)?.[0] !== 'sms'; sends += 1) {
      const ada = await arrives();
      const { body } = await asks(ada).expect(202);
      // A text is answered, a message by WhatsApp never is.
      if (body.channel === 'sms') await answers(ada);
      for (const key of Object.keys({ ...body, ...(await offered(await arrives())) })) shown.add(key);
      host.clock.advance(31 * MINUTE);
    }
    expect(sent().map(([channel]) => channel)).toContain('whatsapp');
    expect(sent().at(-1)).toEqual(['sms', 'cost']);
    expect([...shown].sort()).toEqual([
      'challengeId',
      'channel',
      'channels',
      'destination',
      'digits',
      'expiresAt',
      'factorId',
      'kind',
      'lastChannel',
      'resendAt',
      'suggestedChannel',
    ]);
  });

  it('is a call to a landline, which cannot be asked for a text', async () => {
    const { arrives, asks, offered, carriers, sent } = await adaHasPhone({ number: LANDLINE, prices: PRICES });
    const ada = await arrives();
    expect(await offered(ada)).toMatchObject({ channels: ['voice'], suggestedChannel: 'voice' });
    const refused = await asks(ada, 'sms').expect(422);
    expect(refused.body).toMatchObject({
      code: 'destination_refused',
      failedChannel: 'sms',
      suggestedChannel: 'voice',
    });
    expect((await asks(ada, 'telegram').expect(422)).body).toMatchObject({ code: 'field_invalid', field: 'channel' });
    await asks(ada).expect(202);
    expect(sent()).toEqual([['voice', 'only']]);
    expect(carriers.sms.jobs).toHaveLength(0);
  });

  it('is none that policy forbids, also when it is asked for', async () => {
    let policy: Policy = 'optional';
    const { arrives, asks, offered, carriers, sent } = await adaHasPhone({ prices: PRICES, policy: () => policy });
    policy = { mfa: 'required', channels: ['sms', 'voice'] };
    const ada = await arrives();
    expect(await offered(ada)).toMatchObject({ channels: ['sms', 'voice'], suggestedChannel: 'sms' });
    expect((await asks(ada, 'whatsapp').expect(422)).body).toMatchObject({ suggestedChannel: 'sms' });
    carriers.sms.fails = 'landline';
    expect((await asks(ada).expect(422)).body).toMatchObject({ suggestedChannel: 'voice' });
    policy = { mfa: 'required', channels: [] };
    expect((await asks(ada).expect(404)).body).toMatchObject({ code: 'not_found' });
    const { body } = await (await arrives()).get('/mfa/challenge').expect(200);
    expect(body.factors.map(({ kind }: { kind: string }) => kind)).toEqual(['totp']);
    policy = { mfa: 'required', factors: ['phone'], channels: [] };
    expect((await ada.password().expect(403)).body).toMatchObject({ code: 'sign_in_refused' });
    expect((await ada.get('/mfa/challenge').expect(403)).body).toMatchObject({ code: 'sign_in_refused' });
    await ada.get('/app').expect(401);
    expect(sent()).toEqual([]);
    expect(carriers.whatsapp.jobs).toHaveLength(0);
  });

  it('is another while its only carrier is left alone, and comes back', async () => {
    const { host, arrives, offered, carriers, asks } = await adaHasPhone();
    carriers.sms.fails = 'auth';
    const ada = await arrives();
    expect((await asks(ada).expect(503)).body).toMatchObject({
      code: 'delivery_unavailable',
      failedChannel: 'sms',
      suggestedChannel: 'whatsapp',
    });
    expect(await offered(ada)).toMatchObject({
      channels: ['sms', 'whatsapp', 'voice'],
      suggestedChannel: 'whatsapp',
    });
    delete carriers.sms.fails;
    host.clock.advance(2 * MINUTE);
    expect(await offered(await arrives())).toMatchObject({ suggestedChannel: 'sms' });
  });
});

describe('the person’s own choice', () => {
  it('wins, stays for the next code, and is what is suggested the next time', async () => {
    const { host, arrives, asks, offered, answers, sent } = await adaHasPhone({ prices: PRICES });
    const ada = await arrives();
    await asks(ada, 'voice').expect(202);
    expect(await offered(ada)).toMatchObject({ suggestedChannel: 'voice' });
    host.clock.advance(30_000);
    expect((await asks(ada).expect(202)).body).toMatchObject({ channel: 'voice' });
    await answers(ada);
    host.clock.advance(30 * MINUTE);
    const again = await arrives();
    expect(await offered(again)).toMatchObject({ suggestedChannel: 'voice', lastChannel: 'voice' });
    await asks(again).expect(202);
    await answers(again);
    expect(sent()).toEqual([
      ['voice', 'asked'],
      ['voice', 'same'],
      ['voice', 'remembered'],
    ]);
    // What was only followed is not what was chosen.
    host.clock.advance(30 * MINUTE);
    const third = await arrives();
    await asks(third, 'sms').expect(202);
    expect(await offered(await arrives())).toMatchObject({ suggestedChannel: 'voice' });
    await answers(third);
    expect(await offered(await arrives())).toMatchObject({ suggestedChannel: 'sms', lastChannel: 'sms' });
  });

  it('is not changed behind their back when it failed: another is suggested by name', async () => {
    const { host, arrives, asks, offered, carriers } = await adaHasPhone({ prices: PRICES });
    const ada = await arrives();
    carriers.sms.fails = 'filtered';
    expect((await asks(ada, 'sms').expect(503)).body).toMatchObject({
      failedChannel: 'sms',
      suggestedChannel: 'whatsapp',
    });
    expect(await offered(ada)).toMatchObject({ suggestedChannel: 'whatsapp', failedChannels: ['sms'] });
    host.clock.advance(31_000);
    delete carriers.sms.fails;
    expect((await asks(ada).expect(202)).body).toMatchObject({ channel: 'sms' });
    expect(carriers.whatsapp.jobs).toHaveLength(0);
  });

  it('is asked for again where it cannot be any more, before anybody is called', async () => {
    const { arrives, asks, carriers } = await adaHasPhone();
    const ada = await arrives();
    carriers.sms.fails = 'landline';
    await asks(ada, 'sms').expect(422);
    expect((await asks(ada).expect(422)).body).toMatchObject({ failedChannel: 'sms', suggestedChannel: 'whatsapp' });
    expect([carriers.sms.jobs.length, carriers.whatsapp.jobs.length]).toEqual([1, 0]);
    // It says yes to what was offered, at once: nothing is on its way that it would have to wait for.
    expect((await asks(ada, 'voice').expect(202)).body).toMatchObject({ channel: 'voice' });
  });

  it('is made at set-up, too', async () => {
    const { host, carriers, code } = await adaHasPhone({ prices: PRICES });
    const bob = await new Person(host, 'bob').enrolsTotp();
    const set = { phone: '+12125550155', channel: 'voice' };
    const begun = await bob.post('/mfa/factors/phone', set).expect(201);
    expect(begun.body.sent).toMatchObject({ channel: 'voice' });
    expect(carriers.voice.jobs).toHaveLength(1);
    await bob.post(`/mfa/factors/${begun.body.id}/confirm`, { code: code() }).expect(200);
    const later = bob.elsewhere();
    await later.password().expect(200);
    const { factors } = (await later.get('/mfa/challenge')).body;
    expect(factors).toContainEqual(expect.objectContaining({ kind: 'phone', suggestedChannel: 'voice' }));
  });
});

describe('a code that did not reach the number', () => {
  it.each(['filtered', 'unreachable', 'landline'] as const)('%s: the next one goes by another channel', async (why) => {
    const { host, arrives, asks, carriers, sent, answers } = await adaHasPhone();
    const ada = await arrives();
    carriers.sms.fails = why;
    const refused = await asks(ada);
    expect(refused.body).toMatchObject({ failedChannel: 'sms', suggestedChannel: 'whatsapp' });
    if (why !== 'landline') host.clock.advance(30_000);
    expect((await asks(ada).expect(202)).body).toMatchObject({ channel: 'whatsapp' });
    expect(sent()).toEqual([['whatsapp', 'given']]);
    await answers(ada);
  });

  it.each(['blocked', 'opted_out', 'invalid_destination', 'resend_limit'] as const)(
    '%s: nothing else is suggested, that would be a way around',
    async (why) => {
      const { arrives, asks, offered, carriers } = await adaHasPhone();
      const ada = await arrives();
      carriers.sms.fails = why;
      const { body } = await asks(ada);
      expect(body).not.toHaveProperty('suggestedChannel');
      expect(await offered(ada)).toMatchObject({ suggestedChannel: 'sms' });
    },
  );

  it('is remembered of a landline for a week, of the rest for minutes', async () => {
    const { host, arrives, asks, offered, carriers } = await adaHasPhone();
    carriers.sms.fails = 'landline';
    carriers.whatsapp.fails = 'unreachable';
    const ada = await arrives();
    await asks(ada).expect(422);
    await asks(ada).expect(422);
    expect(await offered(ada)).toMatchObject({ channels: ['whatsapp', 'voice'], suggestedChannel: 'voice' });
    host.clock.advance(11 * MINUTE);
    expect(await offered(await arrives())).toMatchObject({
      channels: ['whatsapp', 'voice'],
      suggestedChannel: 'whatsapp',
    });
    host.clock.advance(7 * DAY);
    expect(await offered(await arrives())).toMatchObject({
      channels: ['sms', 'whatsapp', 'voice'],
      suggestedChannel: 'sms',
    });
  });

  it('is forgotten once one that came by it was answered', async () => {
    const { host, arrives, asks, offered, carriers, answers } = await adaHasPhone();
    carriers.sms.fails = 'unreachable';
    const ada = await arrives();
    await asks(ada).expect(422);
    delete carriers.sms.fails;
    host.clock.advance(30_000);
    await asks(ada, 'sms').expect(202);
    await answers(ada);
    const later = await offered(await arrives());
    expect(later).toMatchObject({ suggestedChannel: 'sms' });
    expect(later).not.toHaveProperty('failedChannels');
  });

  it('at set-up is offered another way at once, and the line is known from then on', async () => {
    const { host, carriers, code } = await adaHasPhone();
    carriers.sms.fails = 'landline';
    const bob = await new Person(host, 'bob').enrolsTotp();
    const set = { phone: '+12125550155' };
    const refused = await bob.post('/mfa/factors/phone', set).expect(422);
    expect(refused.body).toMatchObject({ failedChannel: 'sms', suggestedChannel: 'whatsapp' });
    const begun = await bob.post('/mfa/factors/phone', { ...set, channel: 'voice' }).expect(201);
    await bob.post(`/mfa/factors/${begun.body.id}/confirm`, { code: code() }).expect(200);
    expect(carriers.sms.jobs).toHaveLength(1);
    const landline = await bob.post('/mfa/factors/phone', { phone: LANDLINE, channel: 'sms' }).expect(422);
    expect(landline.body).toMatchObject({ failedChannel: 'sms', suggestedChannel: 'voice' });
  });

  it('in the middle of a set-up goes by the other channel from then on', async () => {
    const { host, carriers, code } = await adaHasPhone();
    const bob = await new Person(host, 'bob').enrolsTotp();
    const begun = await bob.post('/mfa/factors/phone', { phone: '+12125550155' }).expect(201);
    const path = `/mfa/factors/${begun.body.id}`;
    carriers.sms.fails = 'landline';
    host.clock.advance(30_000);
    const failed = await bob.post(`${path}/resend`).expect(422);
    expect(failed.body).toMatchObject({ failedChannel: 'sms', suggestedChannel: 'whatsapp' });
    expect((await bob.get(path)).body).toMatchObject({ channels: ['whatsapp', 'voice'], suggestedChannel: 'whatsapp' });
    expect((await bob.post(`${path}/resend`, { channel: 'voice' }).expect(202)).body.sent).toMatchObject({
      channel: 'voice',
    });
    await bob.post(`${path}/confirm`, { code: code() }).expect(200);
    const later = bob.elsewhere();
    await later.password().expect(200);
    const { factors } = (await later.get('/mfa/challenge')).body;
    expect(factors.find(({ kind }: { kind: string }) => kind === 'phone')).toMatchObject({
      channels: ['whatsapp', 'voice'],
      suggestedChannel: 'voice',
    });
  });
});

describe('over the wire', () => {
  let twilio: TwilioDouble;
  afterEach(async () => await twilio.close());

  async function adaAtTwilio(landlines: readonly string[]) {
    const clock = testClock();
    twilio = await twilioDouble({ now: clock, landlines });
    const account = { client: twilio.client(), from: '+12025550100', statusCallback: TWILIO_URL };
    const host = createHost(
      {
        mfa: {
          webhooks: WEBHOOKS,
          factors: [
            totp(),
            phone({
              countries: ['US'],
              channels: [
                { channel: 'sms', via: twilioMessages(account) },
                { channel: 'voice', via: twilioCalls(account) },
              ],
            }),
          ],
        },
      },
      clock,
    );
    const ada = await new Person(host, 'ada').enrolsTotp();
    const sid = () => String((twilio.exchanges.at(-1)?.reply?.body as { sid?: string } | undefined)?.sid);
    return { host, ada, sid };
  }

  it('a landline is set up by a call, after Twilio would not text it', async () => {
    const { ada } = await adaAtTwilio([PHONE]);
    const refused = await ada.post('/mfa/factors/phone', { phone: PHONE }).expect(422);
    expect(refused.body).toMatchObject({ failedChannel: 'sms', suggestedChannel: 'voice' });
    const begun = await ada.post('/mfa/factors/phone', { phone: PHONE, channel: 'voice' }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: twilio.codeFor(PHONE) }).expect(200);
  });

  it('what the carrier tells afterwards moves the next code to a call', async () => {
    const { host, ada, sid } = await adaAtTwilio([]);
    const begun = await ada.post('/mfa/factors/phone', { phone: PHONE }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: twilio.codeFor(PHONE) }).expect(200);
    host.clock.advance(DAY);
    const later = ada.elsewhere();
    await later.password().expect(200);
    const factorId = begun.body.id;
    await later.post('/mfa/challenge', { factorId }).expect(202);
    const form = { MessageSid: sid(), MessageStatus: 'undelivered', ErrorCode: '30006', To: PHONE };
    await door(host)(twilioCallback(AUTH_TOKEN, TWILIO_URL, form)).expect(204);
    const { factors } = (await later.get('/mfa/challenge')).body;
    expect(factors.find(({ kind }: { kind: string }) => kind === 'phone')).toMatchObject({
      suggestedChannel: 'voice',
      failedChannels: ['sms'],
    });
    host.clock.advance(30_000);
    expect((await later.post('/mfa/challenge', { factorId }).expect(202)).body).toMatchObject({ channel: 'voice' });
    await later.verify({ factorId, code: twilio.codeFor(PHONE) }).expect(200);
  });
});

describe.each(stores)('on $name', ({ open }) => {
  it('what failed and what was chosen outlive the request', async () => {
    const { host, arrives, asks, offered, carriers, answers } = await adaHasPhone({ store: open });
    const ada = await arrives();
    carriers.sms.fails = 'landline';
    await asks(ada).expect(422);
    await asks(ada, 'voice').expect(202);
    await answers(ada);
    host.clock.advance(30 * MINUTE);
    expect(await offered(await arrives())).toMatchObject({
      channels: ['whatsapp', 'voice'],
      suggestedChannel: 'voice',
      lastChannel: 'voice',
    });
    await host.mfa.api.forgetUser('user-ada');
    const [left = []] = await host.store.read('u:user-ada', [{ kind: 'failed-channel' }]);
    expect(left).toEqual([]);
  });

  it.each(['resetUser', 'forgetUser'] as const)(
    '%s while a carrier is asked: what it says afterwards is not kept',
    async (gone) => {
      const { host, carriers, arrives, asks } = await adaHasPhone();
      const ada = await arrives();
      carriers.sms.send = async () => {
        await host.mfa.api[gone]('user-ada', { reason: 'test' });
        return { sent: 'no', why: 'landline' };
      };
      await asks(ada, 'sms').expect(422);
      const left = await host.store.read('u:user-ada', [{ kind: 'failed-channel' }, { kind: 'unsent' }]);
      expect(left).toEqual([[], []]);
    },
  );
});
