/** What a hostile page can make a victim's browser send, and what our answers let a browser do. */
import { describe, expect, it } from '@jest/globals';
import type { Express, Request } from 'express';
import type { Test } from 'supertest';
import { createMfa, memoryStore, totp } from '../../src/index.js';
import { createHost, type HostOptions, ORIGIN, type TestHost, testClock } from '../support/host.js';
import { hiddenFields, Person } from '../support/person.js';
import { cookieOf, raw } from '../support/raw.js';
import { changesSomething, pathOf, type RouterRoute, routesOf } from '../support/routes.js';
import { type SpyStore, spyStore } from '../support/spy-store.js';

interface Scene {
  readonly host: TestHost;
  readonly store: SpyStore;
}

function scene(options: HostOptions = {}): Scene {
  const clock = testClock();
  const store = spyStore(memoryStore({ clock }));
  return { host: createHost({ store, ...options }, clock), store };
}

async function csrfToken(person: Person): Promise<string> {
  return (await person.get('/mfa/challenge')).body.csrfToken;
}

/** Signed in, with a fresh proof: the state in which every change is allowed. */
async function signedIn(host: TestHost, name = 'ada'): Promise<Person> {
  return await new Person(host, name).enrolsTotp();
}

async function pending(host: TestHost, name = 'ada'): Promise<Person> {
  const person = await signedIn(host, name);
  await person.signsOut();
  await person.password().expect(200);
  return person;
}

const FIELDS = { factorId: 'totp', code: '000000', phone: '+12125550100', name: 'Mine', saved: 'on' };

/** What a page of another origin, or a form without our token, can send. `stolen` is the token of another session of the same user. */
const FORGERIES: readonly { readonly how: string; send(call: Test, stolen: string): Test }[] = [
  { how: 'a form without a token', send: (call) => call.type('form').send(FIELDS) },
  { how: 'a form with a wrong token', send: (call) => call.type('form').send({ ...FIELDS, _mfa_csrf: 'wrong' }) },
  { how: 'a form with an empty token', send: (call) => call.type('form').send({ ...FIELDS, _mfa_csrf: '' }) },
  {
    how: "a form with another session's token",
    send: (call, stolen) => call.type('form').send({ ...FIELDS, _mfa_csrf: stolen }),
  },
  {
    how: 'two tokens in one form',
    send: (call, stolen) => call.type('form').send(`_mfa_csrf=${stolen}&_mfa_csrf=${stolen}`),
  },
  { how: 'JSON sent as text/plain', send: (call) => call.type('text/plain').send(JSON.stringify(FIELDS)) },
  {
    how: 'a content type that only begins like JSON',
    send: (call) => call.set('Content-Type', 'text/plain; application/json').send(JSON.stringify(FIELDS)),
  },
  { how: 'a multipart form', send: (call) => call.field('code', '000000') },
  { how: 'JSON with a wrong token', send: (call) => call.set('X-MFA-CSRF', 'wrong').send(FIELDS) },
  {
    how: "JSON with another session's token",
    send: (call, stolen) => call.send({ ...FIELDS, _mfa_csrf: stolen }),
  },
  { how: 'JSON with an object for a token', send: (call) => call.send({ ...FIELDS, _mfa_csrf: { $ne: '' } }) },
  { how: 'JSON from another origin', send: (call) => call.set('Origin', 'https://evil.example').send(FIELDS) },
  {
    how: 'JSON from an origin that begins like ours',
    send: (call) => call.set('Origin', `${ORIGIN}.evil.example`).send(FIELDS),
  },
  { how: 'JSON from an origin on another port', send: (call) => call.set('Origin', `${ORIGIN}:8443`).send(FIELDS) },
  { how: 'JSON from an opaque origin', send: (call) => call.set('Origin', 'null').send(FIELDS) },
  { how: 'JSON from another site', send: (call) => call.set('Sec-Fetch-Site', 'cross-site').send(FIELDS) },
  { how: 'JSON from a sibling host', send: (call) => call.set('Sec-Fetch-Site', 'same-site').send(FIELDS) },
];

const STATES = [
  { state: 'signed in', arrives: signedIn },
  { state: 'pending', arrives: pending },
] as const;

function sendTo(person: Person, route: RouterRoute, accept = 'application/json'): Test {
  const path = pathOf(route, { id: person.factorId || 'totp.x.y', kind: 'sms' });
  const call = person.agent[route.method.toLowerCase() as 'post'](path);
  return call.set('Accept', accept);
}

describe('B01 cross-site requests', () => {
  describe.each(STATES)('to somebody who is $state', ({ arrives }) => {
    it.each(FORGERIES)('$how: refused on every route that changes something, and nothing happens', async ({ send }) => {
      const { host, store } = scene();
      const ada = await arrives(host);
      const stolen = await csrfToken(await signedIn(host, 'other'));
      const cookies = await sessionIds(host);
      store.clear();
      const routes = routesOf(host.mfa).filter(changesSomething);
      expect(routes.length).toBeGreaterThan(11);
      for (const route of routes) {
        // PATCH and DELETE need no token where nothing speaks against them; a form cannot send either.
        const answer = await send(sendTo(ada, route), stolen);
        expect([route.method, route.path, answer.status, answer.body.code]).toEqual([
          route.method,
          route.path,
          403,
          'csrf_failed',
        ]);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      expect(store.changes).toEqual([]);
      expect(host.inbox.messages()).toEqual([]);
      expect(await sessionIds(host)).toEqual(cookies);
    });

    it.each(['_method in the body', '_method in the query', 'X-HTTP-Method-Override'])(
      'a form whose method the host overrides by %s is still a form',
      async (by) => {
        const { host, store } = scene({ before: (app) => app.use(methodOverride) });
        const ada = await arrives(host);
        store.clear();
        for (const route of routesOf(host.mfa).filter(({ method }) => ['PATCH', 'DELETE'].includes(method))) {
          const path = pathOf(route, { id: ada.factorId });
          const query = by.includes('query') ? `?_method=${route.method}` : '';
          const call = ada.agent.post(path + query).set('Accept', 'application/json');
          if (by.startsWith('X-')) call.set('X-HTTP-Method-Override', route.method);
          const form = by.includes('body') ? { _method: route.method, name: 'Mine' } : { name: 'Mine' };
          await call
            .type('form')
            .send(form)
            .expect(403, /csrf_failed/);
          // A body without a type is what `fetch(url, { mode: 'no-cors', body: bytes })` sends.
          if (by.includes('query'))
            await ada.agent
              .post(path + query)
              .set('Accept', 'application/json')
              .expect(403);
        }
        expect(store.changes).toEqual([]);
      },
    );
  });

  it('refuses everybody who is not signed in before it looks at tokens, and changes nothing', async () => {
    const { host, store } = scene();
    const eve = new Person(host, 'eve');
    store.clear();
    for (const route of routesOf(host.mfa).filter(({ path }) => !path.startsWith('/assets'))) {
      const answer = await sendTo(eve, route);
      expect([route.path, answer.status, answer.body.code]).toEqual([route.path, 401, 'sign_in_required']);
    }
    expect(store.changes).toEqual([]);
  });

  it.each(STATES)(
    'GET and HEAD change nothing for somebody who is $state, whatever they carry',
    async ({ arrives }) => {
      const { host, store } = scene();
      const ada = await arrives(host);
      const token = await csrfToken(ada);
      store.clear();
      const ids = await sessionIds(host);
      const query = new URLSearchParams({ ...FIELDS, code: ada.nextCode(), _mfa_csrf: token, _method: 'DELETE' });
      for (const route of routesOf(host.mfa)) {
        for (const method of ['get', 'head'] as const) {
          for (const accept of ['text/html', 'application/json']) {
            const path = `${pathOf(route, { id: ada.factorId, kind: 'sms' })}?${query}`;
            const answer = await ada.agent[method](path).set('Accept', accept);
            expect(answer.status).toBeLessThan(500);
          }
        }
      }
      expect(store.changes).toEqual([]);
      expect(host.inbox.messages()).toEqual([]);
      expect(await sessionIds(host)).toEqual(ids);
    },
  );

  it('takes our own page’s form: `Origin: null` under no-referrer, vouched for by the browser', async () => {
    const { host } = scene();
    const ada = await pending(host);
    const shown = await ada.agent.get('/mfa/challenge').set('Accept', 'text/html').expect(200);
    await ada.agent
      .post('/mfa/challenge/verify')
      .set({ Accept: 'text/html', Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })
      .type('form')
      .send({ ...hiddenFields(shown.text, '/mfa/challenge/verify'), code: ada.nextCode() })
      .expect(303)
      .expect('Location', '/app');
  });

  it('takes JSON and DELETE from a client of ours, with the token or without', async () => {
    const { host } = scene();
    const ada = await signedIn(host);
    const token = await csrfToken(ada);
    const path = `/mfa/factors/${ada.factorId}`;
    await ada.agent
      .patch(path)
      .set({ Accept: 'application/json', 'X-MFA-CSRF': token })
      .send({ name: 'A' })
      .expect(200);
    await ada.agent.patch(path).set({ Accept: 'application/json', Origin: ORIGIN }).send({ name: 'B' }).expect(200);
    await ada.agent.delete(path).set('Accept', 'application/json').expect(200, { removed: true });
  });

  it('gives a new token with every step, and the old one dies', async () => {
    const { host } = scene();
    const ada = await pending(host);
    const before = await csrfToken(ada);
    await ada.verify({ code: ada.nextCode(), _mfa_csrf: before }).expect(200);
    const after = await csrfToken(ada);
    expect(after).not.toBe(before);
    await ada.post('/mfa/backup-codes', { _mfa_csrf: before }).expect(403);
    await ada.post('/mfa/backup-codes', { _mfa_csrf: after }).expect(201);
  });

  it('works beside a CSRF middleware of the host: forms carry both tokens, and either one wrong is refused', async () => {
    const { host } = scene({ before: (app) => hostCsrf(app) });
    const ada = await pending(host);
    const action = '/mfa/challenge/verify';
    const shown = await ada.agent.get('/mfa/challenge').set('Accept', 'text/html').expect(200);
    const hidden = hiddenFields(shown.text, action);
    expect(Object.keys(hidden)).toEqual(expect.arrayContaining(['_mfa_csrf', '_csrf']));
    const submit = (fields: object) => ada.agent.post(action).set('Accept', 'text/html').type('form').send(fields);
    await submit({ ...hidden, code: '000000', _csrf: 'wrong' }).expect(403, 'host csrf');
    await submit({ ...hidden, code: '000000', _mfa_csrf: 'wrong' }).expect(403, /This page was open for too long/);
    await submit({ ...hidden, code: ada.nextCode() }).expect(303);
  });

  it('B01 says whose account a set-up page is for, so that nobody sets a phone up in an attacker’s', async () => {
    const { host } = scene();
    const ada = await signedIn(host);
    for (const path of ['/mfa/factors', '/mfa/factors/new/totp', '/mfa/factors/new/sms', '/mfa/backup-codes']) {
      const page = await ada.agent.get(path).set('Accept', 'text/html').expect(200);
      expect(page.text).toContain('<strong>ada@acme.example</strong>');
    }
  });

  it('without a `baseUrl` (development) the sender must at least name the same host', async () => {
    const clock = testClock();
    const host = createHost({ mfa: { baseUrl: undefined, production: false } as never }, clock);
    const ada = await pending(host);
    const verify = (origin: string) => ada.verify({ code: '000000' }).set({ Host: 'localhost:3000', Origin: origin });
    await verify('https://evil.example').expect(403);
    await verify('http://localhost:3000.evil.example').expect(403);
    await verify('http://localhost:3000').expect(422);
  });
});

describe('B03 the Host header', () => {
  const EVIL = {
    Host: 'evil.example',
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'gopher',
    'X-Original-Host': 'evil.example',
    Forwarded: 'host=evil.example;proto=gopher',
    'X-Original-URL': '/evil.example',
    Referer: 'http://evil.example/evil',
  };

  it.each([false, true])('never appears in a page, a redirect, JSON or a text (trust proxy %s)', async (trusted) => {
    const { host } = scene({ before: (app) => app.set('trust proxy', trusted) });
    const ada = await pending(host);
    await ada.verify({ code: ada.nextCode() }).expect(200);
    const begun = await ada.post('/mfa/factors/sms', { phone: '+12125550100' }).set(EVIL).expect(201);
    expect(host.inbox.messages().at(-1)?.text).toContain('@acme.example #');
    const paths = routesOf(host.mfa)
      .filter(({ method }) => method === 'GET')
      .map((route) => pathOf(route, { id: begun.body.id, kind: 'sms' }));
    for (const path of [...paths, '/payout', '/mfa/nowhere']) {
      for (const accept of ['text/html', 'application/json']) {
        const answer = await ada.agent.get(path).set({ ...EVIL, Accept: accept });
        expect(JSON.stringify(answer.headers) + answer.text).not.toMatch(/evil|gopher/);
      }
    }
    expect(JSON.stringify(host.inbox.messages())).not.toContain('evil');
  });

  it('is not followed from a request line that names a whole URL', async () => {
    const { host } = scene();
    const ada = await signedIn(host);
    host.clock.advance(11 * 60_000);
    const answer = await raw(
      host.app,
      `GET http://evil.example/mfa/factors/${ada.factorId}/remove HTTP/1.1\r\nHost: evil.example\r\nAccept: text/html\r\nCookie: ${cookieOf(ada)}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 303 [\s\S]*\r\nLocation: \/mfa\/challenge\r\n/);
    expect(answer).not.toContain('evil');
  });

  it('is no substitute for `baseUrl`: without one the app does not start in production', () => {
    const options = {
      issuer: 'Acme',
      secrets: ['test secret of at least thirty-two characters'],
      users: { findById: () => undefined },
      factors: [totp()],
      allowMemoryStore: true,
      production: true,
    };
    expect(() => createMfa(options)).toThrow(/`baseUrl` is missing/);
    expect(() => createMfa({ ...options, baseUrl: 'http://acme.example' })).toThrow(/must begin with https/);
    expect(() => createMfa({ ...options, baseUrl: ORIGIN })).not.toThrow();
  });
});

describe('B04 response headers', () => {
  const REQUIRED = {
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; script-src 'self'; .*form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    ),
    vary: expect.stringContaining('Accept'),
  };
  const ORIGINS = { Origin: 'https://evil.example' };

  it.each(STATES)(
    'are on every answer to somebody who is $state, and none shares it with another origin',
    async (one) => {
      const { host } = scene();
      const ada = await one.arrives(host);
      for (const route of [
        ...routesOf(host.mfa),
        { method: 'GET', path: '/nowhere' },
        { method: 'PUT', path: '/status' },
      ]) {
        for (const accept of ['text/html', 'application/json']) {
          for (const origin of [{}, ORIGINS, { Origin: 'null' }]) {
            const answer = await sendTo(ada, route, accept).set(origin);
            if (route.path.startsWith('/assets/')) continue;
            expect(answer.headers).toMatchObject(REQUIRED);
            expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
          }
        }
      }
    },
  );

  it('are on the answers of the gate and of a locked route, outside the router', async () => {
    const { host } = scene({ mfa: { beforeSignIn: () => false } });
    const eve = new Person(host, 'eve');
    const refused = await eve.password().expect(403);
    expect(refused.headers).toMatchObject(REQUIRED);
    const locked = await eve.get('/payout').expect(401);
    expect(locked.headers).toMatchObject(REQUIRED);
  });

  it('answers no preflight', async () => {
    const { host } = scene();
    const ada = await signedIn(host);
    const preflight = await ada.agent
      .options('/mfa/challenge/verify')
      .set({ ...ORIGINS, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type' });
    expect(preflight.status).toBe(405);
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('let assets, and nothing else, be kept', async () => {
    const { host } = scene();
    const ada = await signedIn(host);
    const page = await ada.agent.get('/mfa/factors').set('Accept', 'text/html').expect(200);
    const names = [...page.text.matchAll(/(?:href|src)="(\/mfa\/assets\/[^"]+)"/g)].map(([, name]) => String(name));
    expect(names).toHaveLength(2);
    for (const name of names) {
      const asset = await ada.agent.get(name).expect(200);
      expect(asset.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      });
    }
    const gone = await ada.agent.get('/mfa/assets/evil.js').expect(404);
    expect(gone.headers['cache-control']).toBe('no-store');
  });

  it.each([false, true])(
    'labels that people and hosts choose do nothing (host’s own layout: %s)',
    async (ownLayout) => {
      const label = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}`;
      const { host } = scene({
        mfa: {
          issuer: `Acme ${label}`,
          users: { findById: (id) => host.users.get(String(id)), labelOf: () => label },
          ...(ownLayout
            ? { pages: { layout: (title, body) => `<title>${title}</title><meta name="t" content="${title}">${body}` } }
            : {}),
        },
      });
      const eve = await new Person(host, 'eve').enrolsTotp(label.slice(0, 64));
      const pages = ['/mfa/factors', `/mfa/factors/${eve.factorId}/remove`, `/mfa/factors/${eve.factorId}/rename`];
      for (const path of [...pages, '/mfa/challenge', '/mfa/factors/new/sms', '/mfa/nowhere', '/mfa/backup-codes']) {
        const page = await eve.agent.get(path).set('Accept', 'text/html');
        expect(page.text).not.toMatch(/<script>|<img/);
      }
    },
  );

  it('pages have no inline script, style or handler', async () => {
    const { host } = scene();
    const ada = await signedIn(host);
    const paths = routesOf(host.mfa)
      .filter(({ method }) => method === 'GET')
      .map((route) => pathOf(route, { id: ada.factorId, kind: 'totp' }));
    for (const path of paths) {
      const { text = '', type } = await ada.agent.get(path).set('Accept', 'text/html');
      if (type !== 'text/html') continue;
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on[a-z]+="|javascript:/i);
    }
  });
});

/** What express-session's memory store holds: the ids, to see that none was made anew. */
async function sessionIds(host: TestHost): Promise<readonly string[]> {
  const all = await new Promise<object>((resolve, reject) =>
    host.sessions.all?.((error: unknown, sessions: unknown) => (error ? reject(error) : resolve(sessions as object))),
  );
  return Object.keys(all).sort();
}

/** As the method-override package does it. */
function methodOverride(req: Request, _res: unknown, next: () => void): void {
  const wanted = (req.body as { _method?: string })?._method ?? req.query._method ?? req.get('x-http-method-override');
  if (req.method === 'POST' && typeof wanted === 'string') {
    (req as { originalMethod?: string }).originalMethod = req.method;
    req.method = wanted;
  }
  next();
}

/** A double-submit of the host's own, as csurf and csrf-sync do it: `req.csrfToken()`, checked on every form. */
function hostCsrf(app: Express): void {
  app.use((req, res, next) => {
    const session = req.session as unknown as { hostToken?: string };
    session.hostToken ??= 'host-token';
    Object.assign(req, { csrfToken: () => session.hostToken });
    const isForm = req.is('application/x-www-form-urlencoded');
    if (req.method !== 'GET' && isForm && (req.body as { _csrf?: string })._csrf !== session.hostToken)
      return void res.status(403).send('host csrf');
    next();
  });
}
