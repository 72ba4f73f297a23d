import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';
import { ownPostgres, type PostgresServer } from '../support/postgres-server.js';
import { hasRedis, startRedis, stopRedis, until } from '../support/redis-server.js';
import { lives, Neighbour, type Processes, pidIn, runs, startMany, stopProcesses } from './processes.js';

jest.setTimeout(180_000);

let postgres: PostgresServer | undefined;

beforeAll(async () => {
  const own = await ownPostgres();
  if (typeof own !== 'string') postgres = own;
  else if (process.env.CI) throw new Error(own);
});
afterAll(async () => {
  await stopProcesses();
  await Promise.all([stopRedis(), postgres?.close()]);
});

/** Undefined where there is no server to run it on. */
async function engines(...names: readonly ('redis' | 'postgres')[]): Promise<Record<string, string> | undefined> {
  if (names.includes('postgres') && !postgres) return undefined;
  if (names.includes('redis') && !hasRedis) return undefined;
  return {
    ...(names.includes('postgres') && postgres ? { DATABASE_URL: postgres.url } : {}),
    ...(names.includes('redis') ? { REDIS_URL: (await startRedis()).url } : {}),
  };
}

/** Each request on a connection of its own, so that they go round. */
const goingRound = () => new Agent({ keepAlive: false });

function visitor(many: Processes, name: string): Neighbour {
  const person = new Neighbour(many.site, name);
  person.connections = goingRound();
  return person;
}

describe('three processes on Redis and PostgreSQL, behind one port', () => {
  let many: Processes | undefined;

  beforeAll(async () => {
    const env = await engines('redis', 'postgres');
    if (env) many = await startMany({ ...env, TRUST_PROXY: '1' });
  });
  afterAll(async () => void (await many?.stop()));

  it('say which engine keeps what, and no address or password', () => {
    if (!many) return;
    expect(many.said()).toContain('users, second steps and activity in PostgreSQL');
    expect(many.said()).not.toMatch(/redis:|postgres(ql)?:|host=/);
  });

  it('serve one person from all of them', async () => {
    if (!many) return;
    const ada = visitor(many, 'ada');
    await ada.setsUp();
    expect((await ada.typesPassword()).text).toContain('Enter your code');
    expect((await ada.answers({ code: ada.code() })).text).toContain('Welcome');
    expect((await ada.sees('/activity')).text).toContain('Added: Authenticator app');
    expect(new Set(ada.answeredBy.map(pidIn)).size).toBe(3);
  });

  it('show a text in the inbox whichever of them sent it', async () => {
    if (!many) return;
    const grace = visitor(many, 'grace');
    await grace.signsUp();
    const { connections, pid } = await many.connectionsTo(() => true);
    grace.connections = connections;
    const begun = await grace.submits('/mfa/factors/new/phone', '/mfa/factors/phone', { phone: '+1 212 555 0100' });
    expect(pidIn(begun.headers['x-worker'])).toBe(pid);
    const other = await many.connectionsTo((each) => each !== pid);
    const inbox = await request(String(many.site.app))
      .get('/inbox')
      .agent(other.connections)
      .set('Accept', 'text/html');
    expect(pidIn(inbox.headers['x-worker'])).not.toBe(pid);
    expect(inbox.text).toMatch(/to \+12125550100(?:(?!<li><p).)*<code>\d{6}<\/code>/s);
  });

  it('hear what became of it, whichever of them the carrier tells', async () => {
    if (!many) return;
    const nora = visitor(many, 'nora');
    await nora.signsUp();
    await nora.submits('/mfa/factors/new/phone', '/mfa/factors/phone', { phone: '+1 212 555 0137' });
    await until(async () => (await nora.sees('/activity')).text.includes('has arrived'), 60_000);
    await until(async () => (await nora.sees('/inbox')).text.includes('<span class="delivered">'), 60_000);
    for (const tab of ['carriers', 'fraud', 'audit']) expect((await nora.sees(`/inbox/${tab}`)).status).toBe(200);
  });

  it('accept a code once, however many of them are asked at once', async () => {
    if (!many) return;
    const joan = visitor(many, 'joan');
    await joan.setsUp();
    const browsers = [joan.elsewhere(), joan.elsewhere(), joan.elsewhere()];
    const asked: number[] = [];
    for (const browser of browsers) {
      const { connections, pid } = await many.connectionsTo((each) => !asked.includes(each));
      asked.push(pid);
      browser.connections = connections;
      await browser.typesPassword();
    }
    const code = joan.code();
    const answers = await Promise.all(browsers.map((browser) => browser.answers({ code })));
    expect(answers.filter(({ text }) => text.includes('Welcome'))).toHaveLength(1);
    // The others are wrong, or back at the password: over two stores, who comes second can lose the sign-in with the code.
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    const accounts = await Promise.all(browsers.map((browser) => browser.sees('/account')));
    expect(accounts.filter(({ text }) => text.includes('<h1>Account</h1>'))).toHaveLength(1);
    const again = browsers[0]?.elsewhere();
    if (again) again.connections = goingRound();
    await again?.typesPassword();
    expect((await again?.answers({ code }))?.status).toBe(422);
  });

  it('go on when one is killed in the middle of a sign-in, and start another', async () => {
    if (!many) return;
    const mary = visitor(many, 'mary');
    await mary.setsUp();
    const { connections, pid } = await many.connectionsTo(() => true);
    mary.connections = connections;
    const asked = await mary.typesPassword();
    expect(pidIn(asked.headers['x-worker'])).toBe(pid);
    process.kill(pid, 'SIGKILL');
    await until(async () => !lives(pid));
    mary.connections = goingRound();
    expect((await mary.sees('/account')).text).toContain('<h1>Sign in</h1>');
    expect((await mary.answers({ code: mary.code() })).text).toContain('Welcome');
    await until(async () => (await many?.pids())?.length === 3, 60_000);
    expect(many.said()).toContain('died (SIGKILL)');
    expect(await many.pids()).not.toContain(pid);
  });

  it('end every session of somebody who changes the password, on all of them', async () => {
    if (!many) return;
    const rosa = visitor(many, 'rosa');
    await rosa.signsUp();
    const elsewhere = rosa.elsewhere();
    elsewhere.connections = goingRound();
    await elsewhere.typesPassword();
    expect((await elsewhere.sees('/account')).text).toContain('<h1>Account</h1>');
    const fields = { current: 'correct horse battery staple', password: 'another horse, another battery' };
    await rosa.submits('/account/password', '/account/password', fields);
    for (const _ of [1, 2, 3]) expect((await elsewhere.sees('/account')).text).toContain('<h1>Sign in</h1>');
  });

  it('count tries to sign in together', async () => {
    if (!many) return;
    const attempt = () =>
      request(String(many?.site.app)).post('/login').agent(goingRound()).set('X-Forwarded-For', '192.0.2.1').send({});
    const answers = [];
    for (const _ of Array(11)) answers.push(...(await Promise.all([attempt(), attempt(), attempt()])));
    const admitted = answers.filter(({ status }) => status === 401);
    expect(new Set(admitted.map(({ headers }) => pidIn(headers['x-worker']))).size).toBe(3);
    expect(admitted).toHaveLength(30);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
  });

  it('end together, and leave no process behind', async () => {
    if (!many) return;
    const pids = await many.pids();
    const { code, said } = await many.stop();
    expect(code).toBe(0);
    expect(pids.filter(lives)).toEqual([]);
    expect(said).not.toMatch(/\n {4}at /);
  });
});

describe.each([
  { on: 'one SQLite file', names: [], told: 'everything in the SQLite file' },
  { on: 'PostgreSQL', names: ['postgres'], told: 'everything in PostgreSQL' },
  {
    on: 'Redis, with users in a file',
    names: ['redis'],
    told: 'second steps, sessions and counters in Redis; users in',
  },
] as const)('two processes on $on', ({ names, told }) => {
  it('serve one person, accept a code once, and count tries together', async () => {
    const env = await engines(...names);
    if (!env) return;
    const many = await startMany({ ...env, WORKERS: '2', TRUST_PROXY: '1' });
    expect(many.said()).toContain(told);
    const ada = visitor(many, `ada-${names.join('-')}`);
    await ada.setsUp();
    const other = ada.elsewhere();
    other.connections = goingRound();
    await Promise.all([ada.typesPassword(), other.typesPassword()]);
    const code = ada.code();
    const answers = await Promise.all([ada.answers({ code }), other.answers({ code })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect(new Set(ada.answeredBy.map(pidIn)).size).toBe(2);

    const attempt = () =>
      request(String(many.site.app)).post('/login').agent(goingRound()).set('X-Forwarded-For', '192.0.2.1').send({});
    const statuses: number[] = [];
    for (const _ of Array(16))
      for (const { status } of await Promise.all([attempt(), attempt()])) statuses.push(status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(30);
    expect((await many.stop()).code).toBe(0);
  });
});

it('answers 503 while Redis hangs or is gone, and goes on with the same session when it is back', async () => {
  if (!hasRedis) return;
  const redis = await startRedis('--appendonly', 'yes');
  const many = await startMany({ REDIS_URL: redis.url, WORKERS: '1' });
  const ada = visitor(many, 'ada');
  await ada.signsUp();
  redis.pause();
  expect((await ada.sees('/account')).status).toBe(503);
  redis.resume();
  await until(async () => (await ada.sees('/account')).text.includes('<h1>Account</h1>'));
  await redis.kill();
  expect((await ada.sees('/account')).status).toBe(503);
  await redis.start();
  await until(async () => (await ada.sees('/account')).text.includes('<h1>Account</h1>'));
  expect((await many.stop()).said).not.toMatch(/\n {4}at /);
});

it('refuses processes that could share nothing, with advice', async () => {
  const { code, said } = await runs('many', { DATA_DIR: ':memory:' });
  expect(code).toBe(1);
  expect(said).toContain('Each process would have its own users, second steps, sessions, secrets');
  expect(said).toContain('DATABASE_URL');
});
