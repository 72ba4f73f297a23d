import { describe, expect, it } from '@jest/globals';
import { createHost } from '../support/host.js';
import { Person } from '../support/person.js';

describe('an existing Passport login with a second factor', () => {
  it('signs in a user without a factor as before', async () => {
    const ada = new Person(createHost(), 'ada');
    await ada.password().expect(302).expect('Location', '/app');
    await ada.get('/app').expect(200, { user: 'user-ada' });
  });

  it('asks a user with an authenticator app for a code, and only then signs in', async () => {
    const ada = await new Person(createHost(), 'ada').enrolsTotp();
    await ada.signsOut();
    const parked = await ada.password().expect(200);
    expect(parked.body).toMatchObject({ mfaRequired: true, next: { action: 'challenge', href: '/mfa/challenge' } });
    await ada.get('/app').expect(401);
    const done = await ada.verify({ code: ada.nextCode() }).expect(200);
    expect(done.body).toMatchObject({ authenticated: true, redirectTo: '/app' });
    await ada.get('/app').expect(200, { user: 'user-ada' });
    await ada.get('/payout').expect(200, { paid: true });
  });

  it('signs in with a backup code, once', async () => {
    const ada = await new Person(createHost(), 'ada').enrolsTotp();
    const [code] = ada.backupCodes;
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.verify({ code }).expect(200);
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.verify({ code }).expect(422);
  });

  it('signs in with a texted code', async () => {
    const ada = await new Person(createHost(), 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/sms', { phone: '+1 212 555 0100' }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.texted() }).expect(200);
    await ada.signsOut();
    await ada.password().expect(200);
    const sent = await ada.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);
    expect(sent.body).toMatchObject({ channel: 'sms', destination: '••••••••00' });
    await ada.verify({ code: ada.texted(), factorId: begun.body.id, challengeId: sent.body.challengeId }).expect(200);
    await ada.get('/app').expect(200);
  });
});
