import { describe, expect, it } from '@jest/globals';
import { realCarriers, realWebhooks } from '../../example-app/carriers.js';
import type { Delivery } from '../../src/index.js';

const names = (deliveries: readonly Delivery[] = []) => deliveries.map(({ name }) => name);
const ACCOUNT = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: 'a'.repeat(32) };

describe('the carriers of the example app', () => {
  it('are the developer inbox where Twilio is not set up', async () => {
    expect(await realCarriers({})).toBeUndefined();
  });

  it('are Twilio Verify where there is a service', async () => {
    const carriers = await realCarriers({ ...ACCOUNT, TWILIO_VERIFY_SERVICE_SID: `VA${'0'.repeat(32)}` });
    expect([names(carriers?.sms), names(carriers?.voice), carriers?.whatsapp]).toEqual([
      ['twilio-verify'],
      ['twilio-verify'],
      undefined,
    ]);
  });

  it('are messages and calls where there is a number', async () => {
    const carriers = await realCarriers({ ...ACCOUNT, TWILIO_FROM: '+12125550100' });
    expect([names(carriers?.sms), names(carriers?.voice)]).toEqual([['twilio-messages'], ['twilio-calls']]);
  });

  it('say what is missing of a Twilio set-up', async () => {
    await expect(realCarriers(ACCOUNT)).rejects.toThrow('TWILIO_VERIFY_SERVICE_SID or TWILIO_FROM');
  });

  const TELNYX = { TELNYX_API_KEY: 'KEY0123456789', TELNYX_VERIFY_PROFILE_ID: '4900017a-e7ff-f4ce-aaaa-5fde2ca10f7e' };

  it('are both, with codes of ours, where Twilio and Telnyx are set up', async () => {
    const carriers = await realCarriers({ ...ACCOUNT, TWILIO_VERIFY_SERVICE_SID: `VA${'0'.repeat(32)}`, ...TELNYX });
    expect([names(carriers?.sms), names(carriers?.voice)]).toEqual([
      ['twilio-verify', 'telnyx-verify'],
      ['twilio-verify', 'telnyx-verify'],
    ]);
    for (const { offers } of carriers?.sms ?? []) expect(offers.every(({ code }) => code === 'ours')).toBe(true);
  });

  it('are Telnyx alone, with codes of its own, and texts where there is a number', async () => {
    const [verify] = (await realCarriers(TELNYX))?.sms ?? [];
    expect(verify?.offers.every(({ code }) => code === 'theirs')).toBe(true);
    const texts = await realCarriers({ TELNYX_API_KEY: 'KEY0123456789', TELNYX_FROM: '+12125550100' });
    expect([names(texts?.sms), texts?.voice]).toEqual([['telnyx-messages'], undefined]);
  });

  it('ring once over Telnyx where that is wanted', async () => {
    const carriers = await realCarriers({ ...TELNYX, TELNYX_FLASH_CALLS: '1' });
    expect(carriers?.flashCall?.[0]?.offers).toMatchObject([{ channel: 'flash-call', code: 'theirs' }]);
    expect((await realCarriers(TELNYX))?.flashCall).toBeUndefined();
  });

  it('are a mail server where there is one', async () => {
    const carriers = await realCarriers({ SMTP_URL: 'smtp://localhost:2525', MAIL_FROM: 'no-reply@harbour.example' });
    expect([names(carriers?.email), carriers?.sms]).toEqual([['smtp'], undefined]);
  });

  it('tell what became of a message where they can reach the app, signed by what they have', () => {
    const BASE_URL = 'https://bank.example';
    expect(realWebhooks({ ...ACCOUNT, BASE_URL })).toEqual({ twilio: { authTokens: [ACCOUNT.TWILIO_AUTH_TOKEN] } });
    expect(realWebhooks({ TELNYX_PUBLIC_KEY: 'key', BASE_URL })).toEqual({ telnyx: { publicKey: 'key' } });
    expect(realWebhooks(ACCOUNT)).toBeUndefined();
  });

  it('say what is missing of the others', async () => {
    await expect(realCarriers({ TELNYX_API_KEY: 'KEY0123456789' })).rejects.toThrow(
      'TELNYX_VERIFY_PROFILE_ID or TELNYX_FROM',
    );
    await expect(realCarriers({ SMTP_URL: 'smtp://localhost' })).rejects.toThrow('MAIL_FROM');
  });
});
