/** What carriers tell, at two processes on one store. */
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { twilioCallback } from '../doubles/callbacks.js';
import { statuses, together } from '../support/listen.js';
import { sharedStoresAndCluster } from '../support/servers.js';
import { farNumberNo } from '../support/texting.js';
import { type HostProcess, twoProcesses } from '../support/two-processes.js';
import { AUTH_TOKEN, TWILIO_URL } from '../support/webhooks.js';

describe.each(await sharedStoresAndCluster())(
  'I03 the same webhook at both processes, many times at once, on %s',
  (on) => {
    it.each([
      ['one end', ['delivered', 'delivered']],
      ['two ends', ['delivered', 'undelivered']],
    ])(
      'counts once, and is told once: %s',
      async (_, ends) => {
        const rig = await twoProcesses(on, { webhooks: true });
        const ada = await rig.person('ada');
        await ada.password().expect(302);
        const phone = farNumberNo(0);
        const begun = await ada.post('/mfa/factors/sms', { phone }).expect(201);
        const texts = async () => (await rig.one.ask({ do: 'texts' })).at(-1);
        const code = (await texts())?.code;
        await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code }).expect(200);
        const browser = rig.elsewhere(ada, rig.one);
        await browser.password().expect(200);
        await browser.post('/mfa/challenge', { factorId: begun.body.id }).expect(202);

        const ref = (await texts())?.ref ?? '';
        const tells = (process: HostProcess, status: string) => {
          const { headers, body } = twilioCallback(AUTH_TOKEN, TWILIO_URL, { MessageSid: ref, MessageStatus: status });
          return request(process.url).post('/webhooks/twilio').set(headers).send(body);
        };
        const answers = await together(16, (index) =>
          tells(index % 2 === 0 ? rig.one : rig.two, ends[Math.floor(index / 2) % 2] ?? ''),
        );
        expect(statuses(answers)).toEqual({ 204: 16 });
        const told = (await Promise.all([rig.one, rig.two].map((process) => process.ask({ do: 'events' }))))
          .flat()
          .map(({ type }) => type)
          .filter((type) => /challenge\.(?:un)?delivered/.test(type));
        expect(told).toHaveLength(1);
        const { body } = await browser.get('/mfa/challenge').expect(200);
        expect(body.challenges).toMatchObject([{ delivery: told[0]?.replace('challenge.', '') }]);
      },
      60_000,
    );
  },
);
