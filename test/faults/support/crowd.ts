/** Many people who sign in at once, and what they were answered. */
import { expect } from '@jest/globals';
import type { Response } from 'supertest';
import type { TestHost } from '../../support/host.js';
import { Person } from '../../support/person.js';

/** One person's sign-in, as far as it came. */
export interface SignIn {
  readonly person: Person;
  readonly password: Response;
  /** Undefined where the password was not answered with a challenge. */
  readonly verified: Response | undefined;
}

export interface Crowd {
  readonly people: readonly Person[];
  /** All at once, each in a new browser, with the next code of their app. `began` is told of every answer. */
  signIn(told?: (answer: Response) => void): Promise<readonly SignIn[]>;
}

/** People with an authenticator each. */
export async function crowd(host: TestHost, size: number): Promise<Crowd> {
  const names = Array.from({ length: size }, (_, index) => `person-${index}`);
  const people = await Promise.all(names.map((name) => new Person(host, name).enrolsTotp()));

  async function one(person: Person, told: (answer: Response) => void): Promise<SignIn> {
    const there = person.elsewhere();
    const password = await there.password();
    told(password);
    if (password.status !== 200) return { person: there, password, verified: undefined };
    const verified = await there.verify({ code: there.code() });
    told(verified);
    return { person: there, password, verified };
  }

  return {
    people,
    signIn(told = () => undefined) {
      // The code of before may have been used.
      host.clock.advance(30_000);
      return Promise.all(people.map((person) => one(person, told)));
    },
  };
}

/** Closed, honest, and says when to come back. */
export function expectUnavailable(answer: Response): void {
  expect({ status: answer.status, code: answer.body.code, retryAfter: answer.headers['retry-after'] }).toEqual({
    status: 503,
    code: 'unavailable',
    retryAfter: '5',
  });
}

/** In the middle of an outage each answer is either the usual one, or 503; or the sign-in is gone with an answer that was lost. */
export function expectUsualOrUnavailable({ password, verified }: SignIn): void {
  if (password.status === 200) expect(password.body).toMatchObject({ mfaRequired: true });
  else expectUnavailable(password);
  if (!verified || verified.status === 200) return;
  if (verified.status === 503) expectUnavailable(verified);
  else expect([401, 422]).toContain(verified.status);
}

/** Whoever was not told that they are signed in is not. */
export async function expectNobodyElseSignedIn(signIns: readonly SignIn[]): Promise<void> {
  await Promise.all(
    signIns.map(({ person, verified }) => person.get('/app').expect(verified?.status === 200 ? 200 : 401)),
  );
}
