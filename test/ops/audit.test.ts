import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuditQuery, backupCodes, type MfaError, totp } from '../../src/index.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';

describe.each(stores)('the audit log on $name', ({ open }) => {
  const clock = testClock();
  const startedAt = clock();
  let host: TestHost;

  beforeAll(async () => {
    host = createHost({ store: open(clock), mfa: { factors: [totp(), backupCodes({ count: 5 })] } }, clock);
    for (const name of ['ada', 'bob']) {
      const person = await new Person(host, name).enrolsTotp();
      await person.signsOut();
      await person.password().expect(200);
      await person.verify({ code: person.code(300), factorId: 'totp' }).expect(422);
      clock.advance(60_000);
      await person.verify({ code: person.nextCode() }).expect(200);
    }
  });

  afterAll(() => host.mfa.close());

  const search = async (query?: AuditQuery) => (await host.mfa.api.audit.search(query)).events;
  const typesOf = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

  it('holds what was said, newest first, word for word', async () => {
    const events = await search({ limit: 500 });
    expect(events).toEqual([...host.events].reverse());
    expect(await search({ limit: 500, order: 'asc' })).toEqual(host.events);
  });

  it('is searched by user', async () => {
    const events = await search({ userId: 'user-ada' });
    expect(events.length).toBeGreaterThan(4);
    expect(new Set(events.map(({ userId }) => userId))).toEqual(new Set(['user-ada']));
    expect(await search({ userId: 'nobody' })).toEqual([]);
  });

  it('by type', async () => {
    const failed = await search({ types: ['challenge.failed', 'challenge.passed'], userId: 'user-bob' });
    expect(typesOf(failed)).toEqual(['challenge.passed', 'challenge.failed']);
    expect(await search({ types: [] }).then(typesOf)).toEqual(await search({ types: [] }).then(typesOf));
  });

  it('by time: from is in, to is not', async () => {
    const all = await search({ order: 'asc', limit: 500 });
    const middle = all.find(({ at }) => at > startedAt)?.at ?? 0;
    const before = await search({ to: new Date(middle), limit: 500 });
    const after = await search({ from: new Date(middle), limit: 500 });
    expect(before.every(({ at }) => at < middle)).toBe(true);
    expect(after.every(({ at }) => at >= middle)).toBe(true);
    expect(before.length + after.length).toBe(all.length);
    expect(before.length * after.length).toBeGreaterThan(0);
  });

  it.each(['asc', 'desc'] as const)('in pages, %s, none missing and none twice', async (order) => {
    const seen: unknown[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await host.mfa.api.audit.search({ order, limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.events.length).toBeLessThanOrEqual(3);
      seen.push(...page.events);
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined);
    expect(seen).toEqual(await search({ order, limit: 500 }));
    expect(pages).toBe(Math.ceil(seen.length / 3));
  });

  it('takes the nearest page size there is', async () => {
    expect(await search({ limit: 0 })).toHaveLength(1);
    expect(await search({ limit: -5 })).toHaveLength(1);
    expect((await search({ limit: 10_000 })).length).toBe(host.events.length);
  });

  it.each([
    [{ userid: 'user-ada' }, 'api.audit.search: `userid` is not a field. Did you mean `userId`?'],
    [{ userId: undefined }, "api.audit.search: `userId` is undefined. Leave it out to search everybody's rows."],
    [{ userId: null }, /`userId` is null/],
    [{ userId: { $ne: '' } }, /`userId` is \[object Object\]/],
    [{ tenant: 'acme' }, 'api.audit.search: `tenant` needs a `userId`.'],
    [{ types: ['challenge.fail'] }, /there is no event 'challenge.fail'. Did you mean `challenge.failed`\?/],
    [{ from: new Date('nonsense') }, '`from` is not a date.'],
    [{ to: '2026-01-01' }, '`to` is not a date.'],
    [{ limit: Number.NaN }, '`limit` is not a number.'],
    [{ limit: '5' }, '`limit` is not a number.'],
  ])('does not answer a question it did not understand with everybody’s rows: %p', async (query, advice) => {
    const error = await host.mfa.api.audit.search(query as never).catch((reason: unknown) => reason as MfaError);
    expect(error).toMatchObject({ code: 'field_invalid', message: expect.stringMatching(advice) });
  });

  it('takes no cursor but its own', async () => {
    for (const cursor of ['nonsense', '', 'e30', Buffer.from('["x",1]').toString('base64url')]) {
      await expect(host.mfa.api.audit.search({ cursor })).rejects.toMatchObject({ code: 'bad_request' });
    }
  });
});
