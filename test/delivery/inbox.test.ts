import { describe, expect, it } from '@jest/globals';
import { type InboxMessage, inbox } from '../../src/delivery/inbox.js';
import { ADA, aJob, GRACE, patiently, tooLate } from './sending.js';

describe('the developer inbox', () => {
  it('keeps what would have been sent', async () => {
    const box = inbox({ now: () => 1_700_000_000_000 });
    expect(await box.send(aJob(), patiently())).toEqual({ sent: 'yes', ref: 'inbox-1', codeOwner: 'ours' });
    expect(box.messages()).toEqual([
      {
        ref: 'inbox-1',
        at: new Date(1_700_000_000_000),
        channel: 'sms',
        to: ADA,
        text: '048291 is your Acme code.',
        code: '048291',
      },
    ]);
  });

  it('takes any destination over any of its channels', async () => {
    const box = inbox();
    for (const { channel } of box.offers) {
      expect(await box.send(aJob({ channel, to: 'ada@acme.example' }), patiently())).toMatchObject({ sent: 'yes' });
    }
    expect(box.messages().map(({ channel }) => channel)).toEqual(['sms', 'voice', 'whatsapp', 'email']);
  });

  it('keeps the newest hundred unless told otherwise', async () => {
    const [box, small] = [inbox(), inbox({ keep: 2 })];
    for (let i = 1; i <= 101; i += 1) {
      await box.send(aJob(), patiently());
      await small.send(aJob(), patiently());
    }
    expect(box.messages()).toHaveLength(100);
    expect(small.messages().map(({ ref }) => ref)).toEqual(['inbox-100', 'inbox-101']);
  });

  it('is empty after it is cleared, and goes on counting', async () => {
    const box = inbox();
    await box.send(aJob(), patiently());
    const before = box.messages();
    box.clear();
    expect(box.messages()).toEqual([]);
    expect(before).toHaveLength(1);
    expect(await box.send(aJob({ to: GRACE }), patiently())).toMatchObject({ ref: 'inbox-2' });
  });

  it('tells a listener of each message', async () => {
    const heard: InboxMessage[] = [];
    const box = inbox({ onMessage: (message) => heard.push(message) });
    await box.send(aJob(), patiently());
    expect(heard).toEqual(box.messages());
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('printer on fire');
      },
    ],
    ['rejects', () => Promise.reject(new Error('printer on fire'))],
  ])('does not mind a listener that %s', async (_what, onMessage) => {
    const box = inbox({ onMessage });
    expect(await box.send(aJob(), patiently())).toMatchObject({ sent: 'yes' });
  });

  it('takes nothing over a channel it was not given, nor after the time is up', async () => {
    const box = inbox({ channels: ['sms'] });
    expect(await box.send(aJob({ channel: 'voice' }), patiently())).toEqual({ sent: 'no', why: 'channel_unavailable' });
    expect(await box.send(aJob(), tooLate())).toEqual({ sent: 'no', why: 'timeout' });
    expect(box.messages()).toEqual([]);
  });

  it.each([0, -1, 1.5, Number.NaN])('cannot keep %p messages', (keep) => {
    expect(() => inbox({ keep })).toThrow(expect.objectContaining({ code: 'set_up' }));
  });

  it('names the option it does not have', () => {
    const options: object = { onMesage: () => undefined };
    expect(() => inbox(options)).toThrow(/Did you mean `onMessage`/);
  });
});
