import { expect, it } from '@jest/globals';
import { botAgent } from '../../../src/policy/risk/bot-agent.js';
import { failures } from '../../../src/policy/risk/failures.js';
import { lineType, simSwap } from '../../../src/policy/risk/number.js';
import { newCountry, newNetwork } from '../../../src/policy/risk/places.js';
import { BUILT_IN } from '../../../src/policy/risk/signals.js';
import { velocity } from '../../../src/policy/risk/velocity.js';
import type { RiskFacts } from '../../../src/policy/risk.js';

const DAY = 86_400_000;
const AT = Date.UTC(2096, 0, 1);

const facts = (more: Partial<RiskFacts> = {}): RiskFacts => ({
  moment: 'send',
  at: AT,
  userId: 'u',
  user: {},
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
  ...more,
});

it.each<[Partial<RiskFacts>, number | undefined]>([
  [{}, undefined],
  [{ signIns: {} }, undefined],
  [{ signIns: { ofUser: 3, ofAddress: 20 } }, 0],
  [{ signIns: { ofUser: 10 } }, 1],
  [{ signIns: { ofUser: 1, ofAddress: 60 } }, 0.5],
  [{ signIns: { ofUser: 99, ofAddress: 1 } }, 1],
  [{ sends: { ofUser: 2, ofAddress: 4 } }, 0],
  [{ sends: { ofUser: 5 } }, 1],
  [{ sends: { ofAddress: 7 } }, 0.5],
])('velocity: %j is %p', (more, value) => {
  expect(velocity.look(facts(more))).toBe(value);
});

it.each<[number | undefined, number | undefined]>([
  [undefined, undefined],
  [0, 0],
  [2, 0],
  [6, 0.5],
  [10, 1],
  [99, 1],
])('failures: %p wrong answers are %p', (wrongAnswers, value) => {
  expect(failures.look(facts(wrongAnswers === undefined ? {} : { wrongAnswers }))).toBe(value);
});

it.each<['known' | 'new' | undefined, number | undefined]>([
  [undefined, undefined],
  ['known', 0],
  ['new', 1],
])('new-network, new-country: %p is %p', (place, value) => {
  expect(newNetwork.look(facts(place ? { network: place } : {}))).toBe(value);
  expect(newCountry.look(facts(place ? { countryIs: place } : {}))).toBe(value);
});

it.each([
  ['', 1],
  ['  ', 1],
  ['curl/8.5.0', 1],
  ['python-requests/2.32.3', 1],
  ['Go-http-client/2.0', 1],
  ['node', 1],
  ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0 Safari/537.36', 1],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 1],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1', 0],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36', 0],
  ['AcmeApp/3.2 (Android 15)', 0],
])('bot-agent: %p is %p', (userAgent, value) => {
  expect(botAgent.look(facts({ userAgent }))).toBe(value);
});

it('bot-agent: none at all is 1', () => {
  const { userAgent: _, ...without } = facts();
  expect(botAgent.look(without)).toBe(1);
});

it.each([
  [undefined, undefined],
  ['mobile', 0],
  ['mobile-or-landline', 0],
  ['landline', 0.5],
  ['personal', 0.7],
  ['voip', 1],
] as const)('line-type: %p is %p', (line, value) => {
  expect(lineType.look(facts(line ? { line } : {}))).toBe(value);
});

it.each<[string, number | undefined, number | undefined]>([
  ['is not known', undefined, undefined],
  ['never was', Number.NEGATIVE_INFINITY, 0],
  ['was an hour ago', AT - 3_600_000, 1],
  ['was two days ago', AT - 2 * DAY, 0.5],
  ['was a month ago', AT - 30 * DAY, 0],
])('sim-swap: one that %s', (_, simSwappedAt, value) => {
  expect(simSwap.look(facts(simSwappedAt === undefined ? {} : { simSwappedAt }))).toBe(value);
});

it('each has a name of its own, and none is certain', () => {
  expect(new Set(BUILT_IN.map(({ name }) => name)).size).toBe(BUILT_IN.length);
  expect(BUILT_IN.every(({ weight }) => weight > 0 && weight < 0.95)).toBe(true);
});
