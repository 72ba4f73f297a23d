import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SECURITY_CHANGES } from '../../src/core/events.js';
import { backupCodes, type EventType, inbox, type MfaEvent, memoryStore, sms, totp } from '../../src/index.js';
import { EVENT_TYPES } from '../../src/ops/listeners.js';
import { faultyStore, STORE_TIMEOUT } from '../support/faulty-store.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

function smallHost(options: HostOptions = {}, clock = testClock()): TestHost {
  const texts = inbox({ now: clock });
  const factors = [totp(), sms({ via: texts, countries: ['US'] }), backupCodes({ count: 5 })];
  return { ...createHost({ ...options, mfa: { factors, ...options.mfa } }, clock), inbox: texts };
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('somebody who listens', () => {
  it('hears one type, or all, until they stop', async () => {
    const host = smallHost();
    const heard: string[] = [];
    const stop = host.mfa.on('factor.added', ({ factor, first }) => heard.push(`${factor} ${first}`));
    const stopAll = host.mfa.on('*', ({ type }) => heard.push(type));
    const ada = await new Person(host, 'ada').enrolsTotp();
    expect(heard).toEqual(['sign_in.completed', 'totp true', 'factor.added', 'backup_codes.made']);
    stop();
    stopAll();
    stop();
    await ada.delete(`/mfa/factors/${ada.factorId}`).expect(200);
    expect(heard).toHaveLength(4);
  });

  it('may stop, or begin, while being told', async () => {
    const host = smallHost();
    const heard: string[] = [];
    const stop = host.mfa.on('sign_in.completed', () => {
      stop();
      host.mfa.on('sign_in.completed', () => heard.push('second'));
      heard.push('first');
    });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    await ada.elsewhere().password().expect(302);
    expect(heard).toEqual(['first', 'second']);
  });

  it('is told at once when the event does not exist, or nobody would hear it', () => {
    const { mfa } = smallHost();
    expect(() => mfa.on('challenge.fail' as 'challenge.failed', () => 0)).toThrow(
      "mfa.on: there is no event 'challenge.fail'. Did you mean `challenge.failed`?",
    );
    expect(() => mfa.on('constructor' as EventType, () => 0)).toThrow(/no event/);
    expect(() => mfa.on('factor.added', undefined as never)).toThrow("mfa.on('factor.added'): expected a function.");
  });

  it('knows every event there is', () => {
    for (const type of SECURITY_CHANGES) expect(EVENT_TYPES).toContain(type);
    expect(new Set(EVENT_TYPES).size).toBe(EVENT_TYPES.length);
  });
});

describe('a listener that fails', () => {
  const WAYS: readonly { readonly how: string; listener(): unknown }[] = [
    {
      how: 'throws',
      listener() {
        throw new Error('listener');
      },
    },
    { how: 'rejects', listener: () => Promise.reject(new Error('listener')) },
    {
      how: 'throws something that is no error',
      listener() {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- hosts do.
        throw 'listener';
      },
    },
    {
      how: 'returns a promise of its own that breaks',
      // biome-ignore lint/suspicious/noThenProperty: what a listener returns may be anything.
      listener: () => ({ then: (_yes: unknown, no: (error: Error) => void) => no(new Error('listener')) }),
    },
    { how: 'never ends', listener: () => new Promise(() => undefined) },
  ];

  it.each(WAYS)('and $how neither breaks a sign-in nor loses the event', async ({ how, listener }) => {
    const heard: string[] = [];
    const host = smallHost({ mfa: { onEvent: listener, notify: listener } });
    host.mfa.on('*', ({ type }) => heard.push(type));
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.signsIn();
    await ada.get('/app').expect(200);
    const expected = ['sign_in.completed', 'factor.added', 'backup_codes.made', 'sign_in.pending', 'challenge.passed'];
    expect(heard).toEqual([...expected, 'sign_in.completed']);
    const { events } = await host.mfa.api.audit.search({ order: 'asc' });
    expect(events.map(({ type }) => type)).toEqual(heard);
    if (how !== 'never ends') expect(host.errors.length).toBeGreaterThanOrEqual(heard.length);
  });

  it('and an `onError` that fails too changes nothing', async () => {
    const boom = () => {
      throw new Error('boom');
    };
    for (const onError of [boom, () => Promise.reject(new Error('boom')) as never]) {
      const host = smallHost({ mfa: { onEvent: boom, onError } });
      const ada = await new Person(host, 'ada').enrolsTotp();
      await ada.get('/app').expect(200);
    }
  });

  it('is reported on stderr in one line where the host does not listen for errors', async () => {
    const lines: string[] = [];
    jest.spyOn(console, 'error').mockImplementation((...given: unknown[]) => void lines.push(given.join(' ')));
    const host = smallHost({
      mfa: {
        onError: undefined as never,
        onEvent() {
          throw new TypeError('user ada has code 123456');
        },
      },
    });
    await new Person(host, 'ada').password().expect(302);
    expect(lines).toEqual(['express-mfa: TypeError']);
  });
});

describe('an event that could not be written down', () => {
  it('is not told either: what is heard has happened, and is in the log', async () => {
    const clock = testClock();
    const store = faultyStore(memoryStore({ clock }));
    const host = smallHost({ store, mfa: { storeTimeout: STORE_TIMEOUT } }, clock);
    const ada = await new Person(host, 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    const before = host.events.length;
    store.arm('error', 'all', ['append']);
    await ada.verify({ code: ada.code(300), factorId: 'totp' }).expect(503);
    expect(host.events).toHaveLength(before);
    expect(host.errors).toHaveLength(1);
    await store.heal();
    // The guess has counted all the same.
    const wrong = await ada.verify({ code: ada.code(301), factorId: 'totp' }).expect(422);
    expect(wrong.body.attemptsLeft).toBe(3);
    expect(host.events.at(-1)).toMatchObject({ type: 'challenge.failed' });
  });
});

describe('I8 each security change', () => {
  interface Change {
    readonly type: EventType;
    /** More events of the same commit. */
    readonly with?: readonly EventType[];
    make(host: TestHost, ada: Person): Promise<unknown>;
  }

  const CHANGES: readonly Change[] = [
    {
      type: 'factor.added',
      make: (_host, ada) => ada.addsTotp('Second'),
    },
    {
      type: 'factor.replaced',
      async make(_host, ada) {
        const begun = await ada.post('/mfa/factors/totp', { replaces: ada.factorId }).expect(201);
        ada.secret = begun.body.secret;
        await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(200);
      },
    },
    { type: 'factor.removed', make: (_host, ada) => ada.delete(`/mfa/factors/${ada.factorId}`).expect(200) },
    { type: 'backup_codes.made', make: (_host, ada) => ada.post('/mfa/backup-codes').expect(201) },
    { type: 'mfa.disabled', make: (_host, ada) => ada.post('/mfa/disable').expect(200) },
    {
      type: 'backup_code.used',
      async make(_host, ada) {
        const elsewhere = ada.elsewhere();
        await elsewhere.password().expect(200);
        await elsewhere.verify({ code: ada.backupCodes[0] }).expect(200);
      },
    },
    {
      type: 'user.locked',
      async make(_host, ada) {
        for (const _browser of [1, 2]) {
          const eve = ada.elsewhere();
          await eve.password().expect(200);
          for (let guess = 0; guess < 5; guess += 1) await eve.verify({ code: ada.code(300), factorId: 'totp' });
        }
      },
    },
    { type: 'user.unlocked', make: (host, ada) => host.mfa.api.unlockUser(ada.user.id, { actor: 'admin' }) },
    { type: 'mfa.reset', make: (host, ada) => host.mfa.api.resetUser(ada.user.id, { reason: 'lost', actor: 'admin' }) },
    { type: 'credentials.changed', make: (host, ada) => host.mfa.api.credentialsChanged(ada.user.id) },
  ];

  it.each(CHANGES)('$type leaves exactly one row and one notice', async ({ type, make }) => {
    const notices: { readonly to: unknown; readonly event: MfaEvent }[] = [];
    const host = smallHost({ mfa: { notify: (to, event) => notices.push({ to, event }) } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    notices.length = 0;
    const before = (await host.mfa.api.audit.search({ limit: 500 })).events.length;
    await make(host, ada);
    const { events } = await host.mfa.api.audit.search({ limit: 500 });
    const rows = events.slice(0, events.length - before).filter((event) => event.type === type);
    expect(rows).toHaveLength(1);
    expect(notices.filter(({ event }) => event.type === type)).toEqual([{ to: ada.user.id, event: rows[0] }]);
    expect(notices.every(({ event }) => SECURITY_CHANGES.has(event.type))).toBe(true);
  });

  it('of the list is in the table above', () => {
    expect(CHANGES.map(({ type }) => type).sort()).toEqual([...SECURITY_CHANGES].sort());
  });

  it('that did not happen leaves none', async () => {
    const notices: unknown[] = [];
    const host = smallHost({ mfa: { notify: (...given) => notices.push(given), policy: () => 'required' } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(200);
    await ada.addsTotp();
    notices.length = 0;
    const before = host.events.length;
    await ada.delete(`/mfa/factors/${ada.factorId}`).expect(409);
    await ada.post('/mfa/disable').expect(409);
    await ada.delete('/mfa/factors/totp.foreign.id').expect(404);
    host.clock.advance(11 * 60_000);
    await ada.post('/mfa/backup-codes').expect(403);
    expect(notices).toEqual([]);
    expect(host.events).toHaveLength(before);
  });
});
