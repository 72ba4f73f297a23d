import { describe, expect, it } from '@jest/globals';
import { createHost } from '../support/host.js';
import { Person } from '../support/person.js';

const page = (person: Person, path: string) => person.agent.get(path).set('Accept', 'text/html');

describe('F8 replacing an authenticator by the pages', () => {
  it('keeps the old one until the new one is confirmed, then only the new one works', async () => {
    const host = createHost();
    const ada = await new Person(host, 'ada').enrolsTotp('Old phone');
    const old = ada.elsewhere();
    const settings = await page(ada, '/mfa/factors').expect(200);
    const link = `/mfa/factors/new/totp?replaces=${ada.factorId}`;
    expect(settings.text).toContain(`href="${link}"`);
    expect((await page(ada, link).expect(200)).text).toContain('“Old phone” keeps working');

    const begun = await ada.submits(link, '/mfa/factors/totp');
    const draft = String(begun.headers.location);
    const shown = await ada.get(draft).expect(200);
    await old.signsIn();

    ada.secret = shown.body.secret;
    const confirmed = await ada.submits(draft, `${draft}/confirm`, { code: ada.code() });
    expect(confirmed.status).toBe(303);
    const after = await ada.get('/mfa/factors').expect(200);
    expect(after.body.factors).toHaveLength(1);
    expect(after.body.factors[0].name).toBe('Old phone');

    await old.signsOut();
    await old.password().expect(200);
    await old.verify({ code: old.nextCode() }).expect(422);
    await ada.signsOut();
    await ada.signsIn();
  });

  it("offers nothing to replace for somebody else's factor", async () => {
    const host = createHost();
    const bob = await new Person(host, 'bob').enrolsTotp();
    const ada = await new Person(host, 'ada').enrolsTotp();
    const shown = await page(ada, `/mfa/factors/new/totp?replaces=${bob.factorId}`).expect(200);
    expect(shown.text).not.toContain('keeps working');
    await ada.post('/mfa/factors/totp', { replaces: bob.factorId }).expect(404);
  });
});
