import { describe, expect, it } from '@jest/globals';
import { twilioCarriers } from '../../example-app/carriers.js';

const ACCOUNT = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: 'token' };

describe('the carriers of the example app', () => {
  it('are the developer inbox where Twilio is not set up', async () => {
    expect(await twilioCarriers({})).toBeUndefined();
  });

  it('are Twilio Verify where there is a service', async () => {
    const carriers = await twilioCarriers({ ...ACCOUNT, TWILIO_VERIFY_SERVICE_SID: `VA${'0'.repeat(32)}` });
    expect([carriers?.sms?.name, carriers?.voice?.name, carriers?.whatsapp]).toEqual([
      'twilio-verify',
      'twilio-verify',
      undefined,
    ]);
  });

  it('are messages and calls where there is a number', async () => {
    const carriers = await twilioCarriers({ ...ACCOUNT, TWILIO_FROM: '+12125550100' });
    expect([carriers?.sms?.name, carriers?.voice?.name]).toEqual(['twilio-messages', 'twilio-calls']);
  });

  it('say what is missing of a Twilio set-up', async () => {
    await expect(twilioCarriers(ACCOUNT)).rejects.toThrow('TWILIO_VERIFY_SERVICE_SID or TWILIO_FROM');
  });
});
