/** Every flow in which a process may die: how people get there, the request itself, and what must be true of it afterwards. */
import { expect } from '@jest/globals';
import type { Store } from '../../../src/index.js';
import { standing } from '../../support/guess.js';
import type { Person } from '../../support/person.js';

/** The request that its process does not live to answer. */
export interface Fatal {
  readonly path: string;
  readonly method?: 'POST' | 'DELETE';
  readonly body: Readonly<Record<string, unknown>>;
}

/** After the process died, seen from another one. */
export interface After {
  /** The same browser. */
  readonly person: Person;
  /** The same person in a new one. */
  elsewhere(): Person;
  readonly fatal: Fatal;
  readonly store: Store;
  /** Steps that were done. */
  readonly done: readonly string[];
  /** Whether the log says that the flow has happened. */
  readonly happened: boolean;
  texted(): Promise<string>;
}

export interface CrashFlow {
  readonly flow: string;
  readonly withBackupCodes?: true;
  /** Policy asks this flow's people for a factor. */
  readonly required?: true;
  prepare(person: Person, texted: () => Promise<string>): Promise<Fatal>;
  /** The row of the log that says that it happened. */
  readonly row: string;
  /** Was the browser signed in before? */
  readonly signedIn: boolean;
  /** What is special about it; afterwards everybody signs in with what `entersBy` says. */
  check?(after: After): Promise<void>;
  entersBy(after: After): Promise<void>;
}

/** The code after the one that confirmed the set-up: no clock has to be moved for it. */
const NEXT = 1;

async function signedOut(person: Person): Promise<void> {
  await person.signsOut();
  await person.password().expect(200);
}

async function withTotp(person: Person): Promise<Person> {
  return await person.enrolsTotp();
}

async function withPhone(person: Person, texted: () => Promise<string>): Promise<string> {
  await person.password().expect(302);
  const begun = await person.post('/mfa/factors/sms', { phone: phoneOf(person) }).expect(201);
  await person.post(`/mfa/factors/${begun.body.id}/confirm`, { code: await texted() }).expect(200);
  return String(begun.body.id);
}

/** A reserved number for each person. */
export function phoneOf({ user }: Person): string {
  const index = Number(/\d+$/.exec(user.id)?.[0] ?? 0);
  const areas = [202, 212, 303, 312, 404, 415, 503, 602, 617, 702];
  return `+1${areas[index % areas.length]}55501${String(Math.floor(index / areas.length) % 100).padStart(2, '0')}`;
}

const verify = (body: Fatal['body']): Fatal => ({ path: '/mfa/challenge/verify', body });

/** The clock has been moved on by the time this is asked. */
const byTotp = async ({ elsewhere }: After) => {
  const again = elsewhere();
  await again.password().expect(200);
  await again.verify({ code: again.code() }).expect(200);
  await again.get('/app').expect(200);
};

const byText = async ({ elsewhere, texted, fatal }: After) => {
  const again = elsewhere();
  await again.password().expect(200);
  const factorId = fatal.body.factorId;
  await again.post('/mfa/challenge', { factorId }).expect(202);
  await again.verify({ code: await texted(), factorId }).expect(200);
  await again.get('/app').expect(200);
};

/** A code is spent or usable, never both and never neither: it works again exactly if it did not work before. */
async function worksAgain({ elsewhere, fatal, happened }: After): Promise<void> {
  const again = elsewhere();
  await again.password().expect(200);
  await again.verify(fatal.body).expect(happened ? 422 : 200);
}

/** A try counts from the moment it was counted until a right answer is accepted. */
async function triesAre({ store, person, done }: After, kind: string): Promise<void> {
  const counted = done.filter((step) => step.includes(`count wrong:${kind}`)).length;
  const forgiven = done.some((step) => step.includes(`settle wrong:${kind}`));
  expect(await standing({ store }, person.user.id, kind)).toBe(forgiven ? 0 : counted);
}

export const CRASH_FLOWS: readonly CrashFlow[] = [
  {
    flow: 'the password, without a factor',
    prepare: async (person) => ({
      path: '/login',
      body: { username: person.user.email, password: person.user.password },
    }),
    row: 'sign_in.completed',
    signedIn: false,
    async entersBy({ elsewhere }) {
      const again = elsewhere();
      await again.password().expect(302);
      await again.get('/app').expect(200);
    },
  },
  {
    flow: 'the password, with a factor',
    async prepare(person) {
      await withTotp(person);
      await person.signsOut();
      return { path: '/login', body: { username: person.user.email, password: person.user.password } };
    },
    row: 'none',
    signedIn: false,
    entersBy: byTotp,
  },
  {
    flow: 'a right code of an app',
    async prepare(person) {
      await signedOut(await withTotp(person));
      return verify({ code: person.code(NEXT), factorId: 'totp' });
    },
    row: 'challenge.passed',
    signedIn: false,
    async check(after) {
      await triesAre(after, 'totp');
      await worksAgain(after);
    },
    entersBy: byTotp,
  },
  {
    flow: 'a wrong code',
    async prepare(person) {
      await signedOut(await withTotp(person));
      return verify({ code: person.code(400), factorId: 'totp' });
    },
    row: 'none',
    signedIn: false,
    check: (after) => triesAre(after, 'totp'),
    entersBy: byTotp,
  },
  {
    flow: 'a backup code',
    withBackupCodes: true,
    async prepare(person) {
      await signedOut(await withTotp(person));
      return verify({ code: person.backupCodes[0], factorId: 'backup-codes' });
    },
    row: 'backup_code.used',
    signedIn: false,
    async check(after) {
      await triesAre(after, 'backup-codes');
      await worksAgain(after);
    },
    entersBy: byTotp,
  },
  {
    flow: 'sending a code',
    async prepare(person, texted) {
      const factorId = await withPhone(person, texted);
      await signedOut(person);
      return { path: '/mfa/challenge', body: { factorId } };
    },
    row: 'none',
    signedIn: false,
    entersBy: byText,
  },
  {
    flow: 'a right code of a text',
    async prepare(person, texted) {
      const factorId = await withPhone(person, texted);
      await signedOut(person);
      await person.post('/mfa/challenge', { factorId }).expect(202);
      return verify({ code: await texted(), factorId });
    },
    row: 'challenge.passed',
    signedIn: false,
    async check(after) {
      const { person, fatal, happened, done } = after;
      await triesAre(after, 'sms');
      // Of two stores the fast one takes the challenge before the durable one decides: such a code is spent for nothing.
      const isTaken = happened || done.some((step) => step.includes('delete challenge'));
      const answer = await person.verify(fatal.body);
      expect(answer.status === 200).toBe(!isTaken);
      if (isTaken) expect(answer.status).toBeLessThan(500);
    },
    entersBy: byText,
  },
  {
    flow: 'a step-up',
    async prepare(person) {
      await withTotp(person);
      return verify({ code: person.code(NEXT), factorId: 'totp' });
    },
    row: 'challenge.passed',
    signedIn: true,
    async check(after) {
      await triesAre(after, 'totp');
      await worksAgain(after);
    },
    entersBy: byTotp,
  },
  {
    flow: 'setting the first factor up',
    async prepare(person) {
      await person.password().expect(302);
      return await begun(person);
    },
    row: 'factor.added',
    signedIn: true,
    check: isThereOrNot,
    entersBy: byWhatIsThere,
  },
  {
    flow: 'setting up the factor that policy asks for',
    required: true,
    async prepare(person) {
      await person.password().expect(200);
      return await begun(person);
    },
    row: 'factor.added',
    signedIn: false,
    check: isThereOrNot,
    entersBy: byWhatIsThere,
  },
  {
    flow: 'removing a factor',
    async prepare(person) {
      await withTotp(person);
      return { path: `/mfa/factors/${person.factorId}`, method: 'DELETE', body: {} };
    },
    row: 'factor.removed',
    signedIn: true,
    async entersBy(after) {
      if (!after.happened) return await byTotp(after);
      await after.elsewhere().password().expect(302);
    },
  },
  {
    flow: 'new backup codes',
    withBackupCodes: true,
    async prepare(person) {
      await withTotp(person);
      return { path: '/mfa/backup-codes', body: {} };
    },
    row: 'backup_codes.made',
    signedIn: true,
    /** E09: the old set or the new one, whole; never both, never none. */
    async check({ elsewhere, happened, store, person }) {
      const again = elsewhere();
      await again.password().expect(200);
      await again.verify({ factorId: 'backup-codes', code: person.backupCodes[0] }).expect(happened ? 422 : 200);
      const [parts = []] = await store.read(`u:${person.user.id}`, [{ kind: 'part' }]);
      expect(parts).toHaveLength(happened ? 5 : 4);
    },
    entersBy: byTotp,
  },
  {
    flow: 'cancelling a sign-in',
    async prepare(person) {
      await signedOut(await withTotp(person));
      return { path: '/mfa/challenge/cancel', body: {} };
    },
    row: 'none',
    signedIn: false,
    entersBy: byTotp,
  },
];

async function begun(person: Person): Promise<Fatal> {
  const answer = await person.post('/mfa/factors/totp').expect(201);
  person.secret = answer.body.secret;
  person.factorId = answer.body.id;
  return { path: `/mfa/factors/${answer.body.id}/confirm`, body: { code: person.code() } };
}

/** The factor is there with everything that belongs to it, or nothing of it is. */
async function isThereOrNot({ elsewhere, happened, fatal, store, person }: After): Promise<void> {
  const [enrolments = [], backup = []] = await store.read(`u:${person.user.id}`, [
    { kind: 'enrolment' },
    { kind: 'last-used' },
  ]);
  expect([enrolments.length, backup.length]).toEqual(happened ? [1, 1] : [0, 0]);
  if (!happened) return;
  const again = elsewhere();
  await again.password().expect(200);
  // The code that confirmed it is used up.
  await again.verify(fatal.body).expect(422);
}

async function byWhatIsThere(after: After): Promise<void> {
  if (after.happened) return await byTotp(after);
  const again = after.elsewhere();
  await again.password();
  await again.addsTotp();
  await again.get('/app').expect(200);
}
