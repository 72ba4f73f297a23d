/** P06: how many accounts may have one number, and who learns of it. */
import { describe, expect, it } from '@jest/globals';
import { memoryStore, type Store } from '../../src/index.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { listening, statuses } from '../support/listen.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';

const PHONE = '+12125550100';
const OLD = 'the older secret of at least thirty-two characters';
const NEW = 'the newer secret of at least thirty-two characters';
const LIMITS = {
  sendsPerNumber10Min: 5,
  sendsPerNumberHour: 20,
  sendsPerNumberDay: 50,
  sendsPerIpHour: 10_000,
  sendsPerPrefix10Min: 10_000,
  sendsPerPrefixHour: 100_000,
};

function aHost(accountsPerNumber: number, store: Store, clock = testClock(), secrets = [OLD]): TestHost {
  return createHost({ store, mfa: { secrets, freshFor: '30m', limits: { ...LIMITS, accountsPerNumber } } }, clock);
}

const inMemory = (accountsPerNumber: number) => {
  const clock = testClock();
  return aHost(accountsPerNumber, memoryStore({ clock }), clock);
};

/** As far as the code that proves possession. */
async function begins(host: TestHost, name: string, kind = 'sms') {
  const person = new Person(host, name);
  await person.password();
  const { body } = await person.post(`/mfa/factors/${kind}`, { phone: PHONE }).expect(201);
  const code = host.inbox.messages().at(-1)?.code;
  return { person, id: String(body.id), confirm: () => person.post(`/mfa/factors/${body.id}/confirm`, { code }) };
}

async function has(host: TestHost, name: string) {
  const begun = await begins(host, name);
  await begun.confirm().expect(200);
  host.clock.advance(5 * 60_000);
  return begun;
}

async function refused(host: TestHost, name: string): Promise<void> {
  const { confirm } = await begins(host, name);
  const { body } = await confirm().expect(422);
  expect(body).toMatchObject({ code: 'destination_refused', field: 'phone' });
  host.clock.advance(5 * 60_000);
}

describe('P06 a number with as many accounts as it may have', () => {
  it('is refused to the next, in the words of any other, and only once possession was proved', async () => {
    const host = inMemory(2);
    await has(host, 'ada');
    await has(host, 'bob');
    const { confirm, person, id } = await begins(host, 'eve');
    // A wrong code is answered as ever.
    const wrong = await person.post(`/mfa/factors/${id}/confirm`, { code: '000000' });
    expect(wrong.body.code).toBe('code_wrong');
    const { body } = await confirm().expect(422);
    expect(body).toMatchObject({ code: 'destination_refused', field: 'phone' });
    expect(body.title).toBe('Codes cannot be sent there.');
    expect(host.events.at(-1)).toMatchObject({ type: 'challenge.failed', reason: 'too_many_accounts' });
    await person.get('/payout').expect(403);
  });

  it('counts an account once, whatever it has on the number', async () => {
    const host = inMemory(1);
    const { person } = await has(host, 'ada');
    const { body } = await person.post('/mfa/factors/voice', { phone: PHONE }).expect(201);
    await person.post(`/mfa/factors/${body.id}/confirm`, { code: person.texted() }).expect(200);
    await refused(host, 'bob');
    // One of the two gone, the other still holds the place.
    await person.post(`/mfa/factors/${body.id}/remove`).expect(200);
    await refused(host, 'bob');
  });

  it('is free again when it is removed, reset or forgotten', async () => {
    const host = inMemory(1);
    const ada = await has(host, 'ada');
    await ada.person.post(`/mfa/factors/${ada.id}/remove`).expect(200);
    await has(host, 'bob');
    await host.mfa.api.resetUser('user-bob', { reason: 'lost' });
    await has(host, 'cleo');
    await host.mfa.api.forgetUser('user-cleo');
    await has(host, 'dora');
    await refused(host, 'eve');
  });

  it('is free again where a crash left a place behind, and keeps the place of a set-up under way', async () => {
    const host = inMemory(1);
    const ada = await has(host, 'ada');
    await host.store.commit('u:user-ada', { writes: [{ do: 'delete', kind: 'enrolment', id: ada.id }] });
    await has(host, 'bob');
    await refused(host, 'cleo');
  });

  it('is known after the secrets have changed', async () => {
    const clock = testClock();
    const store = memoryStore({ clock });
    await has(aHost(1, store, clock, [OLD]), 'ada');
    const host = aHost(1, store, clock, [NEW, OLD]);
    await refused(host, 'bob');
  });
});

describe.each(stores)('P06 after the older secret is gone, on $name', ({ open }) => {
  it('a number that was sealed anew has its places still, and gives them back', async () => {
    const clock = testClock();
    const store = open(clock);
    const ada = await has(aHost(1, store, clock, [OLD]), 'ada');
    const both = aHost(1, store, clock, [NEW, OLD]);
    both.addUser('ada');
    const report = await both.mfa.api.resealAll();
    expect(report).toMatchObject({ left: 0, unreadableCount: 0 });
    expect((await both.mfa.api.resealAll()).resealed).toBe(0);
    const host = aHost(1, store, clock, [NEW]);
    await refused(host, 'bob');
    host.addUser('ada');
    await host.mfa.api.resetUser(ada.person.user.id, { reason: 'lost' });
    await has(host, 'cleo');
    await refused(host, 'dora');
  });
});

describe.each(stores)('P06 on $name', ({ open }) => {
  it('has one place for one of five who prove it at once, and says in the store neither whose nor which number', async () => {
    const clock = testClock();
    const store = open(clock);
    const host = await listening(aHost(1, store, clock));
    const five: Awaited<ReturnType<typeof begins>>[] = [];
    for (let index = 0; index < 5; index += 1) five.push(await begins(host, `n${index}`));
    const answers = await Promise.all(five.map(async ({ confirm }) => await confirm()));
    expect(statuses(answers)).toEqual({ 200: 1, 422: 4 });
    const { owners } = await store.owners({ kind: 'holder' });
    expect(owners).toHaveLength(1);
    const kept = JSON.stringify([owners, await store.read(owners[0] ?? '', [{ kind: 'holder' }])]);
    expect(kept).not.toMatch(/user-n|5550100|sms/);
  });
});
