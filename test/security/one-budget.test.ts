/** One number and one address have one budget, however they are written. */
import { describe, expect, it } from '@jest/globals';
import { createHost, type TestHost } from '../support/host.js';
import { statuses } from '../support/listen.js';
import { Person } from '../support/person.js';
import { farNumberNo } from '../support/texting.js';

async function asks(host: TestHost, name: string, phone: unknown, address = '192.0.2.1') {
  const person = new Person(host, name);
  await person.password().expect(302);
  return await person.post('/mfa/factors/sms', { phone }).set('X-Forwarded-For', address);
}

const behindProxy = { before: (app: { set(name: string, value: unknown): unknown }) => void app.set('trust proxy', 1) };

it('P04 a number is one number in every spelling', async () => {
  const host = createHost({ mfa: { limits: { sendsPerIpHour: 10_000 } } });
  const spellings = [
    '+12025550123',
    '+1 (202) 555-0123',
    '202.555.0123',
    'tel:+1-202-555-0123',
    '+１２０２５５５０１２３',
    '٢٠٢٥٥٥٠١٢٣',
    '+1\u200b202\u200e5550123',
    'TEL:202-555-0123;phone-context=+1',
    '001 202 555 0123',
    '0111 202 555 0123',
  ];
  const answers = [];
  for (const [index, phone] of spellings.entries()) answers.push(await asks(host, `n${index}`, phone));
  expect(host.inbox.messages().map(({ to }) => to)).toEqual(Array(3).fill('+12025550123'));
  expect(statuses(answers)[201]).toBe(3);
});

describe('P02 what only looks like a number of a country on the list', () => {
  it.each([
    ['the Caribbean behind +1', '+1 876 555 0123'],
    ['an extension', '+1 202 555 0123 x9'],
    ['an extension as a link', 'tel:+12025550123;ext=9'],
    ['two numbers', '+12025550123,+12025550124'],
    ['a link to a country of its own', 'tel:876-555-0123;phone-context=+1'],
    ['a satellite', '+8816 3155 0123'],
    ['a list', ['+12025550123', '+12025550124']],
    ['a premium number', '+1 900 555 0123'],
    ['letters', '+1 202 555 CASH'],
  ])('%s', async (_, phone) => {
    const host = createHost();
    const { status } = await asks(host, 'mallory', phone);
    expect([400, 422]).toContain(status);
    expect(host.inbox.messages()).toEqual([]);
  });
});

it.each([
  ['an IPv6 network of /64', ['2001:db8:1:2::1', '2001:DB8:1:2:ffff::9', '[2001:db8:1:2::3]:443', '2001:db8:1:2::4']],
  ['an IPv4 address', ['203.0.113.7', '::ffff:203.0.113.7', '::FFFF:CB00:7107', '203.0.113.7:4711']],
  ['the last proxy’s word, whatever stands before it', ['1.1.1.1, 203.0.113.9', '2.2.2.2,203.0.113.9', '203.0.113.9']],
])('G10 P04 %s has one budget', async (_, addresses) => {
  const host = createHost({ ...behindProxy, mfa: { limits: { sendsPerIpHour: 2 } } });
  const answers = [];
  for (const [index, address] of addresses.entries())
    answers.push(await asks(host, `n${index}`, farNumberNo(index), address));
  expect(statuses(answers)).toEqual({ 201: 2, 429: addresses.length - 2 });
  expect((await asks(host, 'far', farNumberNo(9), '198.51.100.1')).status).toBe(201);
});
