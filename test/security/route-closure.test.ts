/** Every route of the router, for every sort of visitor: what each of them may do, in one table. A new route without a row fails. */
import { describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { changesSomething, pathOf, type RouterRoute, routesOf } from '../support/routes.js';

const MINUTE = 60_000;

/** Sorts of visitors, each with a user who has an authenticator app; but for those who have to set their first factor up. */
const VISITORS = {
  anonymous: async (host: TestHost) => new Person(host, 'nobody'),
  pending: async (host: TestHost) => await waiting(host),
  'pending, too late': async (host: TestHost) => {
    const person = await waiting(host);
    host.clock.advance(11 * MINUTE);
    return person;
  },
  'pending, void': async (host: TestHost) => await voided(await waiting(host)),
  'pending, disabled': async (host: TestHost) => {
    const person = await waiting(host);
    person.user.disabled = true;
    return person;
  },
  'must enrol': async (host: TestHost) => await mustEnrol(host),
  'must enrol, too late': async (host: TestHost) => {
    const person = await mustEnrol(host);
    host.clock.advance(11 * MINUTE);
    return person;
  },
  'signed in, fresh': async (host: TestHost) => await new Person(host, 'ada').enrolsTotp(),
  'signed in, stale': async (host: TestHost) => {
    const person = await new Person(host, 'ada').enrolsTotp();
    host.clock.advance(11 * MINUTE);
    return person;
  },
  'signed in, void': async (host: TestHost) => await voided(await new Person(host, 'ada').enrolsTotp()),
  'signed out': async (host: TestHost) => await (await new Person(host, 'ada').enrolsTotp()).signsOut(),
} as const;

type Sort = keyof typeof VISITORS;

async function waiting(host: TestHost): Promise<Person> {
  const person = await new Person(host, 'ada').enrolsTotp();
  host.clock.advance(MINUTE);
  await person.signsOut();
  await person.password().expect(200);
  return person;
}

async function mustEnrol(host: TestHost): Promise<Person> {
  const person = new Person(host, 'eve');
  await person.password().expect(200);
  return person;
}

async function voided(person: Person): Promise<Person> {
  await person.host.mfa.api.credentialsChanged(person.user.id);
  return person;
}

function aHost(): TestHost {
  return createHost({ mfa: { policy: ({ id }) => (id === 'user-eve' ? 'required' : 'optional') } }, testClock());
}

/** What is said to each sort of visitor, in the order of `VISITORS`. `open`: the route itself answers, be it that something is missing or wrong. */
type Said = 'open' | 'sign_in_required' | 'sign_in_again' | 'mfa_required' | 'fresh_proof_required';
type Row = Readonly<Record<Sort, Said>>;

const SHUT: Row = {
  anonymous: 'sign_in_required',
  pending: 'mfa_required',
  'pending, too late': 'mfa_required',
  'pending, void': 'mfa_required',
  'pending, disabled': 'mfa_required',
  'must enrol': 'mfa_required',
  'must enrol, too late': 'mfa_required',
  'signed in, fresh': 'open',
  'signed in, stale': 'fresh_proof_required',
  'signed in, void': 'sign_in_required',
  'signed out': 'sign_in_required',
};
const FRESH = SHUT;
const SIGNED_IN: Row = { ...SHUT, 'signed in, stale': 'open' };
/** The store is asked whether the sign-in still waits. */
const OVER = {
  'pending, too late': 'sign_in_again',
  'pending, void': 'sign_in_again',
  'pending, disabled': 'sign_in_again',
  'must enrol, too late': 'sign_in_again',
} as const;
const SETTING_UP: Row = { ...SHUT, ...OVER, 'must enrol': 'open' };
const LOOKING: Row = { ...SETTING_UP, 'signed in, stale': 'open' };
const ANSWERING: Row = { ...LOOKING, pending: 'open' };
/** Ends what waits, or says which field is missing, whether or not it waits still; and tells nothing. */
const WAITING: Row = {
  ...ANSWERING,
  'pending, too late': 'open',
  'pending, void': 'open',
  'pending, disabled': 'open',
  'must enrol, too late': 'open',
};
const EVERYBODY: Row = { ...WAITING, anonymous: 'open', 'signed in, void': 'open', 'signed out': 'open' };

/** A new route needs a row here. */
const TABLE: Readonly<Record<string, Row>> = {
  'GET /': WAITING,
  'GET /assets/:name': EVERYBODY,
  'GET /challenge': ANSWERING,
  'POST /challenge': WAITING,
  'POST /challenge/verify': ANSWERING,
  'POST /challenge/cancel': WAITING,
  'GET /status': SIGNED_IN,
  'GET /factors': LOOKING,
  'GET /factors/new/:kind': SETTING_UP,
  'POST /factors/:kind': SETTING_UP,
  'GET /factors/:id': SETTING_UP,
  'POST /factors/:id/confirm': SETTING_UP,
  'POST /factors/:id/resend': SETTING_UP,
  'PATCH /factors/:id': FRESH,
  'DELETE /factors/:id': FRESH,
  'GET /factors/:id/rename': FRESH,
  'POST /factors/:id/rename': FRESH,
  'GET /factors/:id/remove': FRESH,
  'POST /factors/:id/remove': FRESH,
  'GET /disable': FRESH,
  'POST /disable': FRESH,
  'GET /backup-codes': SIGNED_IN,
  'POST /backup-codes': FRESH,
  'GET /backup-codes/new': FRESH,
  'POST /backup-codes/saved': SIGNED_IN,
  'GET /backup-codes/download': SIGNED_IN,
};
const CODES: readonly unknown[] = ['sign_in_required', 'sign_in_again', 'mfa_required', 'fresh_proof_required'];

async function ask(person: Person, route: RouterRoute): Promise<Response> {
  const params = { kind: 'totp', id: person.factorId || 'totp.none', name: 'none' };
  const method = route.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete';
  const asked = person.agent[method](pathOf(route, params)).set('Accept', 'application/json');
  return await (changesSomething(route) ? asked.send({}) : asked);
}

describe('who may do what', () => {
  const routes = routesOf(aHost().mfa);
  const nameOf = ({ method, path }: RouterRoute) => `${method} ${path}`;

  it('is written down for each route, and for no others', () => {
    expect(Object.keys(TABLE).sort()).toEqual(routes.map(nameOf).sort());
  });

  it.each(Object.keys(VISITORS) as Sort[])('%s', async (sort) => {
    let person: Person | undefined;
    const said: Record<string, unknown> = {};
    for (const route of routes) {
      person ??= await VISITORS[sort](aHost());
      const { status, body } = await ask(person, route);
      const isShut = status >= 400 && CODES.includes(body.code);
      if (isShut)
        expect([nameOf(route), status]).toEqual([nameOf(route), body.code === 'fresh_proof_required' ? 403 : 401]);
      expect(status).toBeLessThan(500);
      said[nameOf(route)] = isShut ? body.code : 'open';
      // What was open may have changed something.
      if (!isShut && changesSomething(route)) person = undefined;
    }
    expect(said).toEqual(Object.fromEntries(Object.entries(TABLE).map(([name, row]) => [name, row[sort]])));
  });
});
