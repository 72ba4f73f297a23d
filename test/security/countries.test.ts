/** A country that the host has stopped sending to. */
import { describe, expect, it } from '@jest/globals';
import session from 'express-session';
import { backupCodes, inbox, memoryStore, sms, totp } from '../../src/index.js';
import { createHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

const AUSTRALIAN = '+61491570156';

/** The same app before and after `countries` was changed. */
function twoDeployments(before: readonly string[], after: readonly string[]) {
  const clock = testClock();
  const store = memoryStore({ clock });
  const texts = inbox({ now: clock });
  const sessionStore = new session.MemoryStore();
  const deployed = (countries: readonly string[]) =>
    createHost(
      { store, sessionStore, mfa: { factors: [totp(), sms({ via: texts, countries }), backupCodes()] } },
      clock,
    );
  return { clock, texts, before: deployed(before), after: deployed(after) };
}

describe('P02 a country that was taken out of `countries`', () => {
  it('is not sent to any more, also where its numbers were set up before; other factors go on', async () => {
    const { clock, texts, before, after } = twoDeployments(['US', 'AU'], ['US']);
    const ada = await new Person(before, 'ada').enrolsTotp();
    const begun = await ada.post('/mfa/factors/sms', { phone: AUSTRALIAN }).expect(201);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: texts.messages().at(-1)?.code }).expect(200);
    clock.advance(86_400_000);
    texts.clear();

    const later = new Person(after, 'ada');
    later.secret = ada.secret;
    await later.password().expect(200);
    const refused = await later.post('/mfa/challenge', { factorId: begun.body.id }).expect(422);
    expect(refused.body.code).toBe('destination_refused');
    expect(texts.messages()).toEqual([]);
    await later.verify({ code: later.nextCode() }).expect(200);
  });

  it('nor for a set-up that was begun before', async () => {
    const { clock, texts, before, after } = twoDeployments(['US', 'AU'], ['US']);
    const ada = new Person(before, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/sms', { phone: AUSTRALIAN }).expect(201);
    texts.clear();
    clock.advance(31_000);
    const later = new Person(after, 'ada');
    later.agent.jar = ada.agent.jar;
    const refused = await later.post(`/mfa/factors/${begun.body.id}/resend`).expect(422);
    expect(refused.body.code).toBe('destination_refused');
    expect(texts.messages()).toEqual([]);
  });
});
