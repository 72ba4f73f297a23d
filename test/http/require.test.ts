import { describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { memoryStore, type Store } from '../../src/index.js';
import { createHost, type HostOptions, ORIGIN, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

const MINUTE = 60_000;
const DENIED = {
  type: 'urn:express-mfa:error:fresh_proof_required',
  status: 403,
  code: 'fresh_proof_required',
};

/** Routes with every kind of rule. */
const routes: NonNullable<HostOptions['routes']> = (app, { mfa }) => {
  const paid = (_req: unknown, res: { json(body: object): unknown }) => void res.json({ paid: true });
  app.all('/any', mfa.require(), paid);
  app.all('/recent', mfa.require({ within: '5m' }), paid);
  app.all('/one-of', mfa.require({ anyOf: ['sms', 'totp'] }), paid);
  app.all('/sms', mfa.require({ anyOf: ['sms'], within: '5m' }), paid);
  app.all('/all', mfa.require({ allOf: ['sms', 'totp'], within: '5m' }), paid);
  app.all('/account', mfa.require({ within: '5m', returnTo: '/account/settings?tab=2' }), paid);
  app.all('/strict', mfa.require({ strict: true }), paid);
  app.all(
    '/mine',
    mfa.require(({ grants, user }) => grants.length > 0 && (user as { id?: string } | undefined)?.id === 'user-ada'),
    paid,
  );
  app.all(
    '/broken',
    mfa.require(() => {
      throw new Error('predicate');
    }),
    paid,
  );
  app.all('/truthy', mfa.require((() => 'yes') as never), paid);
  app.all('/promise', mfa.require((async () => true) as never), paid);
};

async function signedIn(options: HostOptions = {}): Promise<Person> {
  const ada = await new Person(createHost({ routes, ...options }), 'ada').enrolsTotp();
  await ada.signsOut();
  return await ada.signsIn();
}

/** Proves with a code that is texted. */
async function provesBySms(ada: Person): Promise<void> {
  const begun = await ada.post('/mfa/factors/sms', { phone: '+1 212 555 0100' }).expect(201);
  await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
}

const unmetOf = async (person: Person, path: string) => {
  const answer = await person.get(path);
  return answer.status === 200 ? 'through' : answer.body.unmet;
};

describe('a rule', () => {
  it('without a word takes any second factor, however old', async () => {
    const ada = await signedIn();
    ada.host.clock.advance(8 * 3_600_000);
    await ada.get('/any').expect(200);
  });

  it('is not met by a first factor, and says that the second is missing, not expired', async () => {
    const bob = new Person(createHost({ routes }), 'bob');
    await bob.password().expect(302);
    for (const path of ['/any', '/recent', '/payout'])
      expect(await unmetOf(bob, path)).toEqual([{ factors: [], problem: 'missing' }]);
  });

  it('with `within` is met to the millisecond, and then says expired', async () => {
    const ada = await signedIn();
    ada.host.clock.advance(5 * MINUTE);
    await ada.get('/recent').expect(200);
    ada.host.clock.advance(1);
    expect(await unmetOf(ada, '/recent')).toEqual([{ factors: [], problem: 'expired' }]);
    await ada.verify({ code: ada.nextCode() }).expect(200);
    await ada.get('/recent').expect(200);
  });

  it('with `anyOf` takes one of them, with `allOf` all, and tells missing from expired for each', async () => {
    const ada = await signedIn();
    await ada.get('/one-of').expect(200);
    expect(await unmetOf(ada, '/sms')).toEqual([{ factors: ['sms'], problem: 'missing' }]);
    expect(await unmetOf(ada, '/all')).toEqual([{ factors: ['sms'], problem: 'missing' }]);
    await provesBySms(ada);
    expect(await unmetOf(ada, '/sms')).toBe('through');
    expect(await unmetOf(ada, '/all')).toBe('through');
    ada.host.clock.advance(6 * MINUTE);
    expect(await unmetOf(ada, '/sms')).toEqual([{ factors: ['sms'], problem: 'expired' }]);
    await ada.verify({ code: ada.nextCode() }).expect(200);
    expect(await unmetOf(ada, '/all')).toEqual([{ factors: ['sms'], problem: 'expired' }]);
  });

  it('that is a function is asked about the grants and the user; only `true` is a yes', async () => {
    const ada = await signedIn();
    await ada.get('/mine').expect(200);
    const bob = new Person(ada.host, 'bob');
    await bob.password().expect(302);
    await bob.get('/mine').expect(403);
    for (const path of ['/broken', '/truthy', '/promise']) await ada.get(path).expect(403);
  });

  it('does not take a backup code for an authenticator app', async () => {
    const ada = await new Person(createHost({ routes }), 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.verify({ code: ada.backupCodes[0] }).expect(200);
    await ada.get('/any').expect(200);
    expect(await unmetOf(ada, '/one-of')).toEqual([{ factors: ['sms', 'totp'], problem: 'missing' }]);
  });

  it('forgets the proof by a factor that was removed', async () => {
    const ada = await signedIn();
    await provesBySms(ada);
    await ada.get('/all').expect(200);
    await ada.delete(`/mfa/factors/${ada.factorId}`).expect(200);
    expect(await unmetOf(ada, '/all')).toEqual([{ factors: ['totp'], problem: 'missing' }]);
  });
});

describe('a denial', () => {
  it('to an API is 403 with the problem, the way on, and the header of RFC 9470', async () => {
    const ada = await signedIn();
    ada.host.clock.advance(6 * MINUTE);
    const denied = await ada.post('/recent', { amount: 10 }).expect(403);
    expect(denied.type).toBe('application/problem+json');
    expect(denied.body).toMatchObject({
      ...DENIED,
      unmet: [{ factors: [], problem: 'expired' }],
      next: { action: 'challenge', href: expect.stringMatching(/^\/mfa\/challenge/) },
    });
    expect(denied.headers['www-authenticate']).toMatch(
      /^Bearer error="insufficient_user_authentication",.* max_age="300"$/,
    );
    expect(denied.headers['cache-control']).toBe('no-store');
  });

  it('without a time limit names no max_age', async () => {
    const bob = new Person(createHost({ routes }), 'bob');
    await bob.password().expect(302);
    const denied = await bob.get('/any').expect(403);
    expect(denied.headers['www-authenticate']).toContain('insufficient_user_authentication');
    expect(denied.headers['www-authenticate']).not.toContain('max_age');
  });

  it('to nobody is 401, as is one to a pending visitor, each with the way on', async () => {
    const ada = await signedIn();
    const stranger = await new Person(ada.host, 'stranger').get('/any').expect(401);
    expect(stranger.body).toMatchObject({ code: 'sign_in_required', next: { href: '/login' } });
    await ada.signsOut();
    await ada.password().expect(200);
    expect((await ada.get('/any').expect(401)).body).toMatchObject({ code: 'mfa_required' });
  });

  const browse = (ada: Person, path: string) => ada.agent.get(path).set('Accept', 'text/html');

  async function comesBackTo(ada: Person, denied: Response): Promise<string> {
    expect(denied.status).toBe(303);
    const shown = await browse(ada, String(denied.headers.location)).expect(200);
    const hidden = /name="return" value="([^"]*)"/.exec(shown.text)?.[1];
    const done = await ada.submits(String(denied.headers.location), '/mfa/challenge/verify', { code: ada.nextCode() });
    expect([done.status, hidden === undefined]).toEqual([303, false]);
    return String(done.headers.location);
  }

  it('to a page leads through the challenge back to the very URL', async () => {
    const ada = await signedIn();
    ada.host.clock.advance(6 * MINUTE);
    const wanted = '/recent?from=1&to=%2F%2Fevil&q=%C3%A9';
    expect(await comesBackTo(ada, await browse(ada, wanted))).toBe(wanted);
    await browse(ada, wanted).expect(200);
  });

  it.each([
    ['the page the form was on', { Referer: `${ORIGIN}/transfer?step=2` }, '/transfer?step=2'],
    [
      'the page the form was on, called by the host name of the request',
      { Referer: 'http://app.test/transfer', Host: 'app.test' },
      '/transfer',
    ],
    ['home, for a form of another origin', { Referer: 'https://evil.example/transfer' }, '/'],
    ['home, for a port of its own', { Referer: `${ORIGIN}:8443/transfer` }, '/'],
    ['home, without a Referer', {}, '/'],
    ['home, for a Referer that is none', { Referer: 'javascript:alert(1)' }, '/'],
  ])('to a form leads back to %s', async (_, headers, end) => {
    const ada = await signedIn();
    ada.host.clock.advance(6 * MINUTE);
    const denied = await ada.agent
      .post('/recent')
      .set('Accept', 'text/html')
      .set(headers)
      .type('form')
      .send({ amount: '10' });
    expect(await comesBackTo(ada, denied)).toBe(end);
  });

  it('leads where the rule says', async () => {
    const ada = await signedIn();
    ada.host.clock.advance(6 * MINUTE);
    const denied = await ada.agent.post('/account').set('Accept', 'text/html').type('form').send({});
    expect(await comesBackTo(ada, denied)).toBe('/account/settings?tab=2');
  });

  it.each([
    '//evil.example/x',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    'https:evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/..//evil.example',
    '/.//evil.example',
    '%2F%2Fevil.example',
    'evil.example',
    '/%5cevil.example/..//evil.example',
  ])('never leads away from this origin: return=%s', async (evil) => {
    const ada = await signedIn();
    ada.host.clock.advance(6 * MINUTE);
    const page = `/mfa/challenge?return=${encodeURIComponent(evil)}`;
    const done = await ada.submits(page, '/mfa/challenge/verify', { code: ada.nextCode(), return: evil });
    expect(done.status).toBe(303);
    const { origin } = new URL(String(done.headers.location), ORIGIN);
    expect([done.headers.location, origin]).toEqual([expect.stringMatching(/^\/(?![/\\])/), ORIGIN]);
  });
});

describe('on the way through', () => {
  it('no store call is made', async () => {
    const clock = testClock();
    const calls: string[] = [];
    const store = new Proxy(memoryStore({ clock }), {
      get(target, verb: keyof Store) {
        const found = target[verb];
        if (typeof found !== 'function') return found;
        return (...args: never[]) => {
          calls.push(verb);
          return (found as (...given: never[]) => unknown).apply(target, args);
        };
      },
    });
    const ada = await new Person(createHost({ routes, store }, clock), 'ada').enrolsTotp();
    await ada.signsOut();
    await ada.signsIn();
    await ada.get('/recent').expect(200);
    calls.length = 0;
    for (const path of ['/any', '/recent', '/one-of', '/mine']) await ada.get(path).expect(200);
    await ada.get('/sms').expect(403);
    expect(calls).toEqual([]);
    await ada.get('/strict').expect(200);
    expect(calls).toEqual(['read']);
  });
});

describe('a rule that cannot work is refused while the app starts', () => {
  const { mfa } = createHost();
  it.each([
    ['an unknown word', { withinn: '5m' }, 'within'],
    ['a kind that is not configured', { anyOf: ['webauthn'] }, 'webauthn'],
    ['a misspelt kind', { allOf: ['topt'] }, 'totp'],
    ['an empty list', { anyOf: [] }, 'never be satisfied'],
    ['a time that is none', { within: 'soon' }, 'require.within'],
    ['a text', '5m', 'not part of a rule'],
    ['a way back to another origin', { returnTo: 'https://evil.example/' }, 'returnTo'],
    ['a way back that is no path', { returnTo: '//evil.example' }, 'returnTo'],
  ])('%s', (_, rule, advice) => {
    expect(() => mfa.require(rule as never)).toThrow(
      expect.objectContaining({ code: 'set_up', message: expect.stringContaining(advice) }),
    );
  });
});
