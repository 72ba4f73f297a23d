/** Whatever a client sends instead of what was meant: a 4xx, nothing counted, nothing broken, nobody signed in. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import express from 'express';
import type { Response, Test } from 'supertest';
import { backupCodes, inbox, memoryStore, sms, totp } from '../../src/index.js';
import { createHost, type HostOptions, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { cookieOf, raw } from '../support/raw.js';
import { pathOf, routesOf } from '../support/routes.js';
import { type SpyStore, spyStore } from '../support/spy-store.js';

interface Scene {
  readonly host: TestHost;
  readonly store: SpyStore;
  readonly ada: Person;
}

async function scene(state: 'pending' | 'signed in', options: HostOptions = {}): Promise<Scene> {
  const clock = testClock();
  const store = spyStore(memoryStore({ clock }));
  const texts = inbox({ now: clock });
  const factors = [totp(), sms({ via: texts, countries: ['US'] }), backupCodes({ count: 5 })];
  const host = { ...createHost({ store, mfa: { factors }, ...options }, clock), inbox: texts };
  const ada = await new Person(host, 'ada').enrolsTotp();
  if (state === 'pending') {
    await ada.signsOut();
    await ada.password().expect(200);
  }
  clock.advance(30_000);
  store.clear();
  return { host, store, ada };
}

const NULL = 'null';

interface Field {
  readonly state: 'pending' | 'signed in';
  readonly route: string;
  readonly field: string;
  /** The rest of the body, as it should be. */
  rest(ada: Person): object;
  /** Values that are as good as leaving it out. */
  readonly optional?: boolean;
}

const code = (ada: Person) => ({ code: ada.code() });
const phone = () => ({ phone: '+12125550100' });

const FIELDS: readonly Field[] = [
  { state: 'pending', route: 'POST /challenge', field: 'factorId', rest: () => ({}) },
  { state: 'pending', route: 'POST /challenge', field: 'channel', rest: () => ({ factorId: 'sms' }), optional: true },
  { state: 'pending', route: 'POST /challenge/verify', field: 'code', rest: () => ({}) },
  { state: 'pending', route: 'POST /challenge/verify', field: 'code', rest: () => ({ factorId: 'totp' }) },
  { state: 'pending', route: 'POST /challenge/verify', field: 'code', rest: () => ({ factorId: 'backup-codes' }) },
  { state: 'pending', route: 'POST /challenge/verify', field: 'factorId', rest: code, optional: true },
  { state: 'pending', route: 'POST /challenge/verify', field: 'challengeId', rest: code, optional: true },
  { state: 'pending', route: 'POST /challenge/verify', field: 'password', rest: () => ({ factorId: 'password' }) },
  { state: 'signed in', route: 'POST /factors/sms', field: 'phone', rest: () => ({}) },
  { state: 'signed in', route: 'POST /factors/sms', field: 'country', rest: phone, optional: true },
  { state: 'signed in', route: 'POST /factors/sms', field: 'name', rest: phone, optional: true },
  { state: 'signed in', route: 'POST /factors/sms', field: 'replaces', rest: phone, optional: true },
  { state: 'signed in', route: 'POST /factors/totp', field: 'name', rest: () => ({}), optional: true },
  { state: 'signed in', route: 'POST /factors/totp', field: 'replaces', rest: () => ({}), optional: true },
  { state: 'signed in', route: 'POST /factors/:id/rename', field: 'name', rest: () => ({}) },
  { state: 'signed in', route: 'PATCH /factors/:id', field: 'name', rest: () => ({}) },
  { state: 'signed in', route: 'POST /backup-codes/saved', field: 'saved', rest: () => ({}) },
];

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** As JSON text; `right` stands for what would have been right. */
const WRONG_TYPES: readonly string[] = [
  NULL,
  'false',
  '0',
  '-1',
  '123456',
  '1e308',
  '[]',
  '[null]',
  '{}',
  '{"$gt":""}',
  '{"$ne":null}',
  '{"toString":1}',
  '{"toString":"x","valueOf":1}',
  '{"length":6}',
  '{"__proto__":{"length":6}}',
  '{"then":"x"}',
  nested(5_000),
  JSON.stringify('9'.repeat(10_000)),
];

function send(ada: Person, route: string, body: string, type = 'application/json'): Test {
  const [method = '', path = ''] = route.split(' ');
  const call = ada.agent[method.toLowerCase() as 'post'](pathOf({ method, path }, { id: ada.factorId, kind: 'sms' }));
  return call.set('Accept', 'application/json').set('Content-Type', type).send(body);
}

function expectRefused(answer: Response): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(429);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({ status: answer.status, code: expect.any(String), title: expect.any(String) });
}

function expectUntouched({ store, host }: Scene): void {
  expect(store.changes).toEqual([]);
  expect(host.inbox.messages()).toEqual([]);
  expect(host.errors).toEqual([]);
}

describe('F01 values of another type', () => {
  it.each(FIELDS)('$route: `$field`', async ({ state, route, field, rest, optional }) => {
    const stage = await scene(state);
    const { ada } = stage;
    for (const value of WRONG_TYPES) {
      if (optional && value === NULL) continue;
      const body = `${JSON.stringify({ ...rest(ada), [field]: 0 }).slice(0, -2)}${value}}`;
      expectRefused(await send(ada, route, body));
    }
    if (!optional) expectRefused(await send(ada, route, JSON.stringify(rest(ada))));
    expectUntouched(stage);
    if (state === 'pending') await ada.get('/app').expect(401);
  });

  it('takes null for a choice that was not made, as many clients send it', async () => {
    const { ada } = await scene('pending');
    await ada.verify({ code: ada.code(), factorId: null, challengeId: null }).expect(200);
  });

  it('does not take a code out of anything but the field of that name', async () => {
    const stage = await scene('pending');
    const { ada } = stage;
    const right = ada.code();
    const bodies = [
      `{"__proto__":{"code":"${right}"}}`,
      `{"constructor":{"prototype":{"code":"${right}"}}}`,
      `[{"code":"${right}"}]`,
      `[["code","${right}"]]`,
      `{"code":["${right}"]}`,
      `{"code":{"0":"${right}"}}`,
      `{"code":"${right}","code":{}}`,
      `{"Code":"${right}"}`,
      `{"code ":"${right}"}`,
      `{"body":{"code":"${right}"}}`,
    ];
    for (const body of bodies) expectRefused(await send(ada, 'POST /challenge/verify', body));
    expectUntouched(stage);
    await ada.get('/app').expect(401);
  });

  it('nor out of a form that says it twice, or as a list', async () => {
    const stage = await scene('pending');
    const { ada } = stage;
    const token = (await ada.get('/mfa/challenge')).body.csrfToken;
    const right = ada.code();
    const forms = [
      `code=${right}&code=${right}`,
      `code[]=${right}`,
      `code[a]=${right}`,
      `code[0]=${right}`,
      `code%00=${right}`,
      `__proto__[code]=${right}`,
      `__proto__=${right}`,
      `constructor[prototype][code]=${right}`,
      `code`,
      `code=`,
      `=${right}`,
      '%',
      'code=%zz',
      'code=%E0%A4%A',
    ];
    for (const form of forms) {
      const body = `_mfa_csrf=${token}&${form}`;
      expectRefused(await send(ada, 'POST /challenge/verify', body, 'application/x-www-form-urlencoded'));
    }
    expectUntouched(stage);
    await ada.get('/app').expect(401);
  });

  it('takes no identity from a body, a query or a header', async () => {
    const { host, ada } = await scene('pending');
    const eve = new Person(host, 'eve');
    const names = {
      userId: ada.user.id,
      username: ada.user.email,
      user: ada.user.id,
      pendingId: 'x',
      owner: 'u:user-ada',
    };
    await eve
      .post(`/mfa/challenge/verify?${new URLSearchParams(names)}`, { ...names, code: ada.code() })
      .set({ 'X-User-Id': ada.user.id, Cookie: `verify=${ada.user.id}; userId=${ada.user.id}` })
      .expect(401);
    await ada.verify({ code: ada.code() }).expect(200);
  });
});

/** Express 4 overlooks a doubled slash inside a router, Express 5 does not. */
const EXPRESS_4_OR_5 = '401 or 404';

describe('F04 requests as no client of ours writes them', () => {
  async function post(stage: Scene, head: string, body: string | Buffer = '', options = {}): Promise<string> {
    const text = `POST /mfa/challenge/verify HTTP/1.1\r\nHost: acme.example\r\nAccept: application/json\r\nCookie: ${cookieOf(stage.ada)}\r\nConnection: close\r\n${head}\r\n\r\n`;
    return await raw(stage.host.app, Buffer.concat([Buffer.from(text), Buffer.from(body)]), options);
  }

  const JSON_TYPE = 'Content-Type: application/json';

  it.each([
    ['ten megabytes', () => Buffer.alloc(10_000_000, 'a'), [`${JSON_TYPE}`], 413],
    ['a gzip bomb', () => gzipSync(Buffer.alloc(50_000_000)), [JSON_TYPE, 'Content-Encoding: gzip'], 413],
    ['what is no gzip', () => Buffer.from('hello'), [JSON_TYPE, 'Content-Encoding: gzip'], 400],
    ['an unknown encoding', () => Buffer.from('{}'), [JSON_TYPE, 'Content-Encoding: zstd-evil'], 415],
    ['an unknown charset', () => Buffer.from('{}'), ['Content-Type: application/json; charset=klingon'], 415],
    ['bad JSON', () => Buffer.from('{"code":'), [JSON_TYPE], 400],
    ['a JSON text', () => Buffer.from('"123456"'), [JSON_TYPE], 400],
    ['null', () => Buffer.from('null'), [JSON_TYPE], 400],
    ['bytes that are no UTF-8', () => Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), [JSON_TYPE], 400],
    ['nesting without end', () => Buffer.from('['.repeat(16_000)), [JSON_TYPE], 400],
    [
      'thousands of fields',
      () => Buffer.from('a=1&'.repeat(3_000)),
      ['Content-Type: application/x-www-form-urlencoded'],
      413,
    ],
    ['XML', () => Buffer.from('<code>1</code>'), ['Content-Type: application/xml'], 403],
    ['no type at all', () => Buffer.from('code=123456'), [], 403],
  ] as const)('%s', async (_what, body, head, status) => {
    const bytes = body();
    for (const hostParses of [true, false]) {
      const stage = hostParses ? await scene('pending') : await bareHost();
      const answer = await post(stage, [...head, `Content-Length: ${bytes.length}`].join('\r\n'), bytes);
      // Where the host reads bodies first, the refusal is the host's; it is one all the same.
      if (!hostParses) expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
      expect(stage.store.changes).toEqual([]);
    }
  });

  it('a body that is cut in the middle of a chunk', async () => {
    const stage = await bareHost();
    await post(stage, `${JSON_TYPE}\r\nTransfer-Encoding: chunked`, '20\r\n{"code":"12', { cut: true });
    await post(stage, `${JSON_TYPE}\r\nContent-Length: 500`, '{"code":"12', { cut: true });
    expect(stage.store.changes).toEqual([]);
    expect(stage.host.errors).toEqual([]);
    await stage.ada.verify({ code: stage.ada.code() }).expect(200);
  });

  it('two lengths, a length and chunks, a chunk that is no number: the server, not we, refuses to guess', async () => {
    const stage = await bareHost();
    const smuggled = [
      `${JSON_TYPE}\r\nContent-Length: 2\r\nContent-Length: 200`,
      `${JSON_TYPE}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked`,
      `${JSON_TYPE}\r\nTransfer-Encoding: chunked, identity`,
    ];
    for (const head of smuggled) expect(await post(stage, head, 'zz\r\n{}')).toMatch(/^HTTP\/1.1 400 /);
    expect(stage.store.changes).toEqual([]);
  });

  it('many headers, long ones, and ones that are there twice', async () => {
    const stage = await bareHost();
    const many = Array.from({ length: 150 }, (_, index) => `X-${index}: ${index}`).join('\r\n');
    const long = `Accept-Language: ${'a-'.repeat(3_000)}\r\nUser-Agent: ${'b'.repeat(3_000)}`;
    const twice = 'X-MFA-CSRF: a\r\nX-MFA-CSRF: b\r\nOrigin: https://acme.example\r\nOrigin: https://evil.example';
    for (const head of [many, long, twice]) {
      const answer = await post(stage, `${head}\r\n${JSON_TYPE}\r\nContent-Length: 2`, '{}');
      expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
    }
    expect(stage.store.changes).toEqual([]);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'LOCK', 'M-SEARCH'])(
    '%s where only POST is taken: 405 and what is',
    async (method) => {
      const stage = await bareHost();
      const answer = await raw(
        stage.host.app,
        `${method} /mfa/challenge/verify HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nCookie: ${cookieOf(stage.ada)}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 405 /);
      expect(answer).toMatch(/\r\nAllow: POST\r\n/);
      expect(stage.store.changes).toEqual([]);
    },
  );

  it('a method that does not exist', async () => {
    const stage = await bareHost();
    const answer = await raw(stage.host.app, 'BREW /mfa/challenge HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });

  const SPELLINGS = [
    '/APP',
    '/app/',
    '//app',
    '/./app',
    '/mfa/../app',
    '/MFA/../app',
    '/mfa/%2e%2e/app',
    '/mfa/..%2fapp',
    '/mfa/challenge/../../app',
    '/%61pp',
    '/app%20',
    '/app?x',
    '/app#x',
    '/app;mfa',
    '/app/.',
    '/mfa/..;/app',
    'http://acme.example/app',
    '/mfa/challenge/..%5c..%5capp',
  ];

  it.each(SPELLINGS)('the gate is in front of every spelling of a path: %s', async (path) => {
    const stage = await scene('pending');
    const answer = await raw(
      stage.host.app,
      `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nCookie: ${cookieOf(stage.ada)}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).not.toContain('user-ada');
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
  });

  it.each([
    ['/MFA/factors', 401],
    ['/mfa/factors/', 401],
    ['/Mfa/FACTORS', 401],
    ['//mfa/factors', 404],
    ['/mfa//factors', EXPRESS_4_OR_5],
    ['/mfa/./factors', 404],
    ['/mfa/%66actors', 404],
    ['/mfa/factors%00', 404],
    ['/mfa/factors%2f', 404],
    ['/mfa/%', 404],
    ['/mfa/factors/%', 400],
    ['/mfa/factors/%E0%A4%A', 400],
    ['/mfa/factors/..%2f..%2fadmin', 401],
    ['/mfa/factors/__proto__', 401],
    ['/mfa/factors/constructor', 401],
    [`/mfa/factors/${'a'.repeat(500)}`, 401],
    ['/mfa/assets/..%2f..%2fpackage.json', 404],
    ['/mfa/assets/%2e%2e/x', 404],
    ['/mfa/factors?done=<script>', 401],
  ] as const)(
    'and the router takes no spelling for more than it is: %s is %d to a pending visitor',
    async (path, status) => {
      const stage = await scene('pending');
      const answer = await raw(
        stage.host.app,
        `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\nCookie: ${cookieOf(stage.ada)}\r\nConnection: close\r\n\r\n`,
      );
      expect([path, Number(answer.slice(9, 12))]).toEqual([
        path,
        status === EXPRESS_4_OR_5 ? expect.any(Number) : status,
      ]);
      expect(answer).not.toMatch(/^HTTP\/1.1 [235]/);
      expect(answer).not.toContain('secret');
      expect(stage.host.errors).toEqual([]);
    },
  );
});

describe('F01 random requests', () => {
  const SECONDS = Number(process.env.FUZZ_SECONDS ?? 2);
  const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

  it(
    `for ${SECONDS} s, seed ${SEED}: nothing breaks, and nobody gets in`,
    async () => {
      const random = seeded(SEED);
      const until = Date.now() + SECONDS * 1_000;
      let requests = 0;
      while (Date.now() < until) {
        const { host, ada, store } = await bareHost();
        const routes = routesOf(host.mfa);
        const bob = new Person(host, 'bob');
        await bob.password().expect(302);
        for (let round = 0; round < 60 && Date.now() < until; round += 1) {
          const person = random.pick([ada, bob, new Person(host, 'eve')]);
          const route = random.pick(routes);
          const method = random.chance(0.9) ? route.method : random.pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']);
          const id = random.pick([ada.factorId, 'totp', 'new', '..', '%00', 'x'.repeat(300), '{"$gt":""}']);
          const path = pathOf(route, { id, kind: random.pick(['totp', 'sms', 'backup-codes', 'nonsense']), name: id });
          const [body, type] = random.body();
          const call = person.agent[method.toLowerCase() as 'post'](
            `${path}${random.pick(['', '?', '?return=//evil', '?a[b]=c'])}`,
          );
          const answer = await call
            .set('Accept', random.pick(['application/json', 'text/html', '*/*', 'nonsense']))
            .set(random.headers())
            .set('Content-Type', type)
            .send(body);
          requests += 1;
          const about = `seed ${SEED}: ${method} ${path} ${type} ${body.slice(0, 200)} -> ${answer.status} ${answer.text}`;
          if (answer.status >= 500 || host.errors.length > 0) throw new Error(`${about} ${String(host.errors[0])}`);
          if (/evil/.test(String(answer.headers.location))) throw new Error(about);
          if (person !== bob && answer.body?.authenticated) throw new Error(about);
        }
        await ada.get('/app').expect(401);
        expect(host.events.filter(({ type, userId }) => type === 'challenge.passed' && userId === ada.user.id)).toEqual(
          [],
        );
        expect(store.dump()).not.toContain('"owner":"u:user-eve"');
      }
      expect(requests).toBeGreaterThan(50);
    },
    SECONDS * 1_000 + 30_000,
  );
});

/** mulberry32 */
function seeded(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const chance = (probability: number) => next() < probability;
  const text = () =>
    pick([
      '',
      'a',
      '999999',
      '0000000000000',
      ' 12 34 56',
      'ABCDE-FGHJK-MNP',
      '\u0000',
      '\ud800',
      '<b>',
      '+12125550199',
      'totp',
      '/x',
    ]);
  const names = [
    'code',
    'factorId',
    'challengeId',
    'channel',
    'phone',
    'country',
    'name',
    'replaces',
    'saved',
    'return',
    '__proto__',
    '_mfa_csrf',
    'password',
  ];

  function value(depth = 0): unknown {
    if (depth < 3 && chance(0.2)) return Array.from({ length: Math.floor(next() * 4) }, () => value(depth + 1));
    if (depth < 3 && chance(0.2)) return object(depth + 1);
    return pick([text(), text(), null, true, false, 0, -1, 1e308, 123456]);
  }

  function object(depth: number): object {
    const entries = Array.from({ length: Math.floor(next() * 5) }, () => [pick(names), value(depth)] as const);
    return JSON.parse(`{${entries.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join()}}`);
  }

  function body(): readonly [string, string] {
    if (chance(0.6)) return [JSON.stringify(object(0)), 'application/json'];
    if (chance(0.5)) {
      const fields = Array.from(
        { length: 4 },
        () => `${pick(names)}${pick(['', '[]', '[a]'])}=${encodeURIComponent(text().replace('\ud800', ''))}`,
      );
      return [fields.join('&'), 'application/x-www-form-urlencoded'];
    }
    return [
      pick(['', '{', 'null', '[]', 'hello', '\u0000']),
      pick(['application/json', 'text/plain', 'multipart/form-data', 'x/y']),
    ];
  }

  function headers(): Record<string, string> {
    const given: Record<string, string> = {};
    if (chance(0.2)) given.Origin = pick(['https://acme.example', 'https://evil.example', 'null']);
    if (chance(0.2)) given['Sec-Fetch-Site'] = pick(['same-origin', 'cross-site', 'none', 'nonsense']);
    if (chance(0.2)) given['X-MFA-CSRF'] = text().replace(/[^ -~]/g, '');
    if (chance(0.2)) given['Accept-Language'] = pick(['*', 'de', 'x'.repeat(200), 'en-GB;q=nonsense']);
    if (chance(0.1)) given.Host = 'evil.example';
    return given;
  }

  return { pick, chance, body, headers };
}

/** A host that reads bodies only where it signs people in, so that our own parsers meet the rest. */
async function bareHost(): Promise<Scene> {
  const json = express.json();
  return await scene('pending', {
    parsers: [(req, res, next) => (req.path === '/login' ? json(req, res, next) : next())],
  });
}
