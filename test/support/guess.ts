/** Somebody who knows the password and guesses at the rest. */
import type { Test } from 'supertest';
import { type MfaOptions, type Store, totp } from '../../src/index.js';
import { createHost, type TestHost, type TestUser, testClock } from './host.js';
import { listening, together } from './listen.js';
import { Person } from './person.js';
import { spyFactor } from './spy-factor.js';

export type Mfa = Partial<MfaOptions<TestUser>>;

export const TOTP_ONLY: Mfa = { factors: [totp()] };
/** So many that what is looked at is not the limit. */
export const WIDE = { triesPerChallenge: 10, triesBeforeLock: 100 };

/** A host on a new store, whose clock is the store's. */
export function hostOn(open: (clock: () => number) => Store, mfa: Mfa = TOTP_ONLY): TestHost {
  const clock = testClock();
  return createHost({ store: open(clock), mfa }, clock);
}

/** Six digits that no authenticator of the person shows now. */
export function wrongCode(person: Person, seed = 0): string {
  const shown = person.secret === '' ? [] : [-2, -1, 0, 1, 2].map((steps) => person.code(steps));
  const texted = person.host.inbox.messages().map(({ code }) => code);
  for (let guess = seed; ; guess += 1) {
    const code = String(guess % 1_000_000).padStart(6, '0');
    if (![...shown, ...texted].includes(code)) return code;
  }
}

/** A set of backup codes never holds this one: it is drawn from 65 random bits. */
export const WRONG_BACKUP_CODE = '00000-00000-000';

/** Wrong authenticator codes, one after another; a new challenge begins whenever one is out of tries. Every one of them is compared. */
export async function guesses(person: Person, times: number, factorId = 'totp'): Promise<void> {
  const code = factorId === 'backup-codes' ? WRONG_BACKUP_CODE : wrongCode(person);
  for (let made = 0; made < times; ) {
    const answer = await person.verify({ factorId, code });
    if (answer.status === 410) await person.post('/mfa/challenge', { factorId }).expect(202);
    else if (answer.status !== 422) throw new Error(`a guess was answered ${answer.status} ${answer.text}`);
    else made += 1;
  }
}

/** Password right, second factor outstanding. */
export async function waits(person: Person): Promise<Person> {
  await person.password().expect(200);
  return person;
}

/** How many wrong answers stand against a user and kind, as the store has it. */
export async function standing({ store }: Pick<TestHost, 'store'>, userId: string, kind: string): Promise<number> {
  const done = await store.commit(`u:${userId}`, {
    hits: [{ key: `wrong:${kind}`, limit: Number.MAX_SAFE_INTEGER, peek: true }],
  });
  if (!done.ok) throw new Error('a look was refused');
  return done.counts[0]?.count ?? 0;
}

/** Expects `429 user_locked`; how long, in seconds. */
export async function lockedFor(answer: Test): Promise<number> {
  const { body, headers } = await answer.expect(429);
  if (body.code !== 'user_locked') throw new Error(`locked was expected, and not ${String(body.code)}`);
  return Number(headers['retry-after']);
}

/** Ada with an authenticator app, her password given, the code outstanding. */
export async function adaWaits(host: TestHost): Promise<Person> {
  const ada = await new Person(host, 'ada').enrolsTotp();
  host.clock.advance(60_000);
  return await waits(ada.elsewhere());
}

/** A host whose only factor is a spy, and Ada with it, waiting in as many browsers as wanted. */
export async function adaAndSpy(open: (clock: () => number) => Store, limits: Mfa['limits'], browsers: number) {
  const clock = testClock();
  const spy = spyFactor();
  const host = await listening(
    createHost({ store: open(clock), mfa: { factors: [spy], ...(limits ? { limits } : {}) } }, clock),
  );
  const ada = new Person(host, 'ada');
  await ada.password().expect(302);
  const { body } = await ada.post('/mfa/factors/spy').expect(201);
  await ada.post(`/mfa/factors/${body.id}/confirm`, { code: '111111' }).expect(200);
  const confirmed = spy.compared.length;
  const waiting = await together(browsers, () => waits(ada.elsewhere()));
  const [first = ada] = waiting;
  return { host, ada, first, waiting, compared: () => spy.compared.slice(confirmed) };
}

/** How many sign-ins were completed. */
export function completed({ events }: Pick<TestHost, 'events'>): number {
  return events.filter(({ type }) => type === 'sign_in.completed').length;
}

/** Adds a phone in a session that may, and returns its id. */
export async function addsPhone(person: Person, phone: string, replaces?: string): Promise<string> {
  const begun = await person.post('/mfa/factors/sms', { phone, ...(replaces ? { replaces } : {}) }).expect(201);
  await person.post(`/mfa/factors/${begun.body.id}/confirm`, { code: person.texted() }).expect(200);
  return String(begun.body.id);
}
