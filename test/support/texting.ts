/** People who have texts sent to them, and what the counters say of it. */
import type { TestHost } from './host.js';
import { Person } from './person.js';

const AREAS = [202, 212, 303, 312, 404, 415, 503, 602, 617, 702];

/** Reserved numbers: the first hundred differ in the last four digits only, and so on. */
export function numberNo(index: number): string {
  return `+1${AREAS[Math.floor(index / 100) % AREAS.length]}55501${String(index % 100).padStart(2, '0')}`;
}

/** Reserved numbers in as many different prefixes as there are. */
export function farNumberNo(index: number): string {
  return `+1${AREAS[index % AREAS.length]}55501${String(Math.floor(index / AREAS.length)).padStart(2, '0')}`;
}

export const PHONE = '+12125550100';

/** Budgets so wide that none but the one that is looked at is met. */
export const WIDE_SENDS = {
  sendsPerNumber10Min: 5,
  sendsPerNumberHour: 20,
  sendsPerNumberDay: 50,
  sendsPerUserHour: 50,
  sendsPerIpHour: 10_000,
  sendsPerPrefix10Min: 10_000,
  sendsPerPrefixHour: 100_000,
};

/** Ada, signed in, with an authenticator and a phone, and budgets that nothing stands against any more. */
export async function adaWithPhone(host: TestHost, kind = 'sms'): Promise<{ ada: Person; phone: string }> {
  const ada = await new Person(host, 'ada').enrolsTotp();
  const begun = await ada.post(`/mfa/factors/${kind}`, { phone: PHONE }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
  host.clock.advance(86_400_000);
  host.inbox.clear();
  return { ada, phone: String(begun.body.id) };
}

/** How many sends count in all against the budget of the day, which every send passes. */
export async function sendsCounted({ store }: Pick<TestHost, 'store'>): Promise<number> {
  return await look(store, 'sends', 'all-1d');
}

/** How many sends count against the user. */
export async function sendsOf({ store }: Pick<TestHost, 'store'>, userId: string): Promise<number> {
  return await look(store, `u:${userId}`, 'sends-by-user');
}

async function look(store: TestHost['store'], owner: string, key: string): Promise<number> {
  const done = await store.commit(owner, { hits: [{ key, limit: Number.MAX_SAFE_INTEGER, peek: true }] });
  if (!done.ok) throw new Error('a look was refused');
  return done.counts[0]?.count ?? 0;
}
