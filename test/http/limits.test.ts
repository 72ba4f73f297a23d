import { describe, expect, it } from '@jest/globals';
import { memoryStore, type Store } from '../../src/index.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

/** The host trusts its proxy, so that a test can come from anywhere. */
function limitedHost(options: HostOptions & { readonly limit?: number } = {}, clock = testClock()): TestHost {
  return createHost(
    {
      before: (app) => app.set('trust proxy', true),
      ...options,
      mfa: { rateLimit: { window: '1m', limit: options.limit ?? 3 }, ...options.mfa },
    },
    clock,
  );
}

async function anybody(host: TestHost): Promise<Person> {
  const ada = new Person(host, 'ada');
  await ada.password().expect(302);
  return ada;
}

describe('the limit per address', () => {
  it('answers what is over it with 429, a problem and when to come back', async () => {
    const clock = testClock();
    const host = limitedHost({}, clock);
    const ada = await anybody(host);
    for (const _ of [1, 2, 3]) await ada.post('/mfa/backup-codes/saved', {}).expect(422);
    clock.advance(20_000);
    const over = await ada.post('/mfa/backup-codes/saved', {}).expect(429);
    expect(over.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(over.headers['retry-after']).toBe('40');
    expect(over.body).toMatchObject({ code: 'rate_limited', status: 429, retryAfterSeconds: 40 });
    clock.advance(40_001);
    await ada.post('/mfa/backup-codes/saved', {}).expect(422);
  });

  it('is a page for a browser', async () => {
    const host = limitedHost({ limit: 1 });
    const ada = await anybody(host);
    await ada.post('/mfa/disable');
    const over = await ada.agent.post('/mfa/disable').set('Accept', 'text/html').type('form').send({}).expect(429);
    expect(over.headers['content-type']).toMatch(/^text\/html/);
    expect(over.headers['retry-after']).toBe('60');
    expect(over.headers['cache-control']).toBe('no-store');
    expect(over.text).toContain('Too many requests. Try again in 1 minute');
  });

  it('counts an address, not a session, and leaves pages and assets alone', async () => {
    const host = limitedHost({ limit: 2 });
    const ada = await anybody(host);
    const from = (person: Person, ip: string) => person.post('/mfa/disable').set('X-Forwarded-For', ip);
    await from(ada, '203.0.113.1');
    await from(new Person(host, 'eve'), '203.0.113.1').expect(401);
    await from(new Person(host, 'bob'), '203.0.113.1').expect(429);
    expect((await from(ada, '203.0.113.2')).status).not.toBe(429);
    for (const _ of [1, 2, 3, 4]) await ada.get('/mfa/factors').set('X-Forwarded-For', '203.0.113.1').expect(200);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', 'one IPv6 network'],
    ['203.0.113.7', '::ffff:203.0.113.7', 'an IPv4 address written as IPv6'],
    ['203.0.113.7:4711', '203.0.113.7:4712', 'an address with the port some proxies add'],
    ['[2001:db8::1]:443', '2001:db8::2', 'brackets'],
    ['not an address', '<script>', 'whatever is no address'],
  ])('takes %s and %s for one: %s', async (first, second) => {
    const host = limitedHost({ limit: 1 });
    const eve = new Person(host, 'eve');
    await eve.post('/mfa/disable').set('X-Forwarded-For', first).expect(401);
    await eve.post('/mfa/disable').set('X-Forwarded-For', second).expect(429);
  });

  it('never writes into events what is no address', async () => {
    const host = limitedHost({ limit: 100 });
    const ada = new Person(host, 'ada');
    await ada
      .password()
      .set('X-Forwarded-For', `"><script>${'a'.repeat(500)}`)
      .expect(302);
    await ada.password().set('X-Forwarded-For', '203.0.113.7:4711').expect(302);
    expect(host.events.map(({ ip }) => ip)).toEqual([undefined, '203.0.113.7']);
  });

  it('is 503, never "no limit", when its counters cannot be reached', async () => {
    const clock = testClock();
    const inner = memoryStore({ clock });
    let isDown = false;
    const store: Store = {
      ...inner,
      commit: (owner, step) => (isDown ? Promise.reject(new Error('down')) : inner.commit(owner, step)),
    };
    const host = limitedHost({ store }, clock);
    const ada = await anybody(host);
    isDown = true;
    const down = await ada.post('/mfa/challenge/verify', { code: '123456' }).expect(503);
    expect(down.body.code).toBe('unavailable');
    expect(down.headers['retry-after']).toBe('5');
    isDown = false;
    expect((await ada.post('/mfa/challenge/verify', { code: '123456' })).status).toBeLessThan(500);
  });

  it('D01 touches no counter of a user: over it nobody is locked', async () => {
    const host = limitedHost({ limit: 2 });
    const ada = await new Person(host, 'ada').enrolsTotp();
    const eve = new Person(host, 'eve');
    for (const _ of Array(20)) await eve.verify({ code: '000000' }).set('X-Forwarded-For', '203.0.113.66');
    await ada.signsOut();
    await ada.password().expect(200);
    await ada.verify({ code: ada.nextCode() }).set('X-Forwarded-For', '203.0.113.1').expect(200);
  });
});
