import { describe, expect, it } from '@jest/globals';
import { createHost } from '../support/host.js';
import { Person } from '../support/person.js';

describe('a route that asks for a second factor, and a user who has none', () => {
  it('leads a person to setting one up, not in circles through the password', async () => {
    const ada = new Person(createHost(), 'ada');
    await ada.password().expect(302);
    const stopped = await ada.agent.get('/payout').set('Accept', 'text/html').expect(303);
    expect(stopped.headers.location).toBe('/mfa/challenge?return=%2Fpayout');
    await ada.agent
      .get(String(stopped.headers.location))
      .set('Accept', 'text/html')
      .expect(303)
      .expect('Location', '/mfa/factors');
    await ada.addsTotp();
    await ada.get('/payout').expect(200, { paid: true });
  });

  it('tells a client the same', async () => {
    const ada = new Person(createHost(), 'ada');
    await ada.password().expect(302);
    const denied = await ada.get('/payout').expect(403);
    expect(denied.body.unmet).toEqual([{ factors: [], problem: 'missing' }]);
    const asked = await ada.get('/mfa/challenge?return=%2Fpayout').expect(200);
    expect(asked.body.next).toEqual({ action: 'enrol', href: '/mfa/factors' });
  });

  it('still takes the password as the fresh proof for setting a factor up', async () => {
    const host = createHost();
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    host.clock.advance(11 * 60_000);
    const refused = await ada.post('/mfa/factors/totp').expect(403);
    expect(refused.body.code).toBe('fresh_proof_required');
    const asked = await ada.get('/mfa/challenge').expect(200);
    expect(asked.body).toMatchObject({ factors: [{ factorId: 'password' }], next: { action: 'challenge' } });
    await ada.verify({ factorId: 'password', password: ada.user.password }).expect(200);
    await ada.addsTotp();
  });

  it('sends people to sign in again where the host cannot check a password', async () => {
    const host = createHost({ mfa: { users: { findById: (id) => host.users.get(String(id)) } } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    host.clock.advance(11 * 60_000);
    const asked = await ada.get('/mfa/challenge').expect(401);
    expect(asked.body).toMatchObject({ code: 'sign_in_again', next: { action: 'sign_in', href: '/login' } });
  });
});
