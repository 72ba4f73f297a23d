/**
 * Three processes behind shared servers (records in PostgreSQL, what is short-lived and the sessions in Redis), dozens of people who
 * sign in at once with right codes, wrong ones and used ones, while Redis is restarted and one process is killed with -9. At the end
 * the books must balance.
 */
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { endProcesses } from '../support/asked-process.js';
import { standing } from '../support/guess.js';
import { type TestClock, testClock } from '../support/host.js';
import type { Person } from '../support/person.js';
import { inNewBrowser, moved, personAt } from '../support/person-at.js';
import { until } from '../support/redis-server.js';
import { type AppProcess, startApp } from './support/apps.js';
import { type Opened, open } from './support/places.js';
import { type Servers, startServers } from './support/servers.js';

const HONEST = 24;
const GUESSERS = 6;
const TRIES_BEFORE_LOCK = 10;

const servers: Servers | undefined = await startServers({ keepsAll: true });

afterAll(async () => {
  await endProcesses();
  await servers?.stop();
});

/** One answer to one code, by whom and which. */
interface Answered {
  readonly person: Person;
  readonly code: string;
  /** Undefined where the process was gone before it answered. */
  readonly answer: Response | undefined;
}

(servers ? describe : describe.skip)('three processes, while Redis is restarted and one of them is killed', () => {
  const answered: Answered[] = [];
  const turnedAway: (Response | undefined)[] = [];
  const signedIn: Answered[] = [];
  let clock: TestClock;
  let opened: Opened;
  let left: readonly AppProcess[];
  let honest: readonly Person[];
  let guessers: readonly Person[];

  async function everywhere(apps: readonly AppProcess[], task: Parameters<AppProcess['ask']>[0]): Promise<void> {
    await Promise.all(apps.map((app) => app.ask(task)));
  }

  /** Password and code in a new browser. */
  async function tries(person: Person, { url }: AppProcess, code: string): Promise<number | undefined> {
    const there = inNewBrowser(person, { url });
    const password = await there.password().catch(() => undefined);
    if (password?.status !== 200) {
      turnedAway.push(password);
      return undefined;
    }
    expect(password.body).toMatchObject({ mfaRequired: true });
    const answer = await there.verify({ code, factorId: 'totp' }).catch(() => undefined);
    const one = { person: there, code, answer };
    answered.push(one);
    if (answer?.status === 200) signedIn.push(one);
    return answer?.status;
  }

  /** Tries each process in turn, in two browsers at once, until one is in or the code is used up; and then sends the used code again. */
  async function insists(person: Person, apps: readonly AppProcess[]): Promise<void> {
    for (let round = 0; ; round += 1) {
      const [one, other] = [0, 1].map((next) => apps[(round + next) % apps.length]) as [AppProcess, AppProcess];
      const code = person.code();
      const ended = await Promise.all([tries(person, one, code), tries(person, other, code)]);
      if (ended.includes(200) || ended.includes(422)) return void (await tries(person, one, code));
      await later(20);
    }
  }

  async function guesses(person: Person, apps: readonly AppProcess[], isOver: () => boolean): Promise<void> {
    for (let guess = 0; !isOver(); guess += 1) {
      await tries(person, apps[guess % apps.length] as AppProcess, person.code(400 + guess));
      await later(20);
    }
  }

  beforeAll(async () => {
    if (!servers) return;
    clock = testClock(Date.now());
    const options = {
      place: servers.place('tiered'),
      now: clock(),
      limits: { triesBeforeLock: TRIES_BEFORE_LOCK },
    };
    const apps = await Promise.all([startApp(options), startApp(options), startApp(options)]);
    opened = await open(options.place);
    left = apps.slice(0, 2);
    const names = Array.from({ length: HONEST + GUESSERS }, (_, index) => `person-${index}`);
    for (const name of names) await everywhere(apps, { do: 'add user', name });
    const people = names.map((name, index) => personAt(apps[index % 3] ?? apps[0], clock, name).enrolsTotp());
    honest = (await Promise.all(people)).slice(0, HONEST);
    guessers = (await Promise.all(people)).slice(HONEST);
    clock.advance(60_000);
    await everywhere(apps, { do: 'advance', ms: 60_000 });

    let isOver = false;
    const load: Promise<void>[] = guessers.map((person) => guesses(person, apps, () => isOver));
    const third = (from: number) => honest.slice((from * HONEST) / 3, ((from + 1) * HONEST) / 3);
    const join = (people: readonly Person[]) => load.push(...people.map((person) => insists(person, apps)));
    const passed = () => signedIn.length;
    try {
      join(third(0));
      await until(async () => passed() > 2, 30_000);
      await servers.power.redis.off();
      join(third(1));
      await until(async () => turnedAway.length > 2, 30_000);
      await servers.power.redis.on();
      const before = passed();
      join(third(2));
      await until(async () => passed() > before, 30_000);
      await apps[2].kill();
      await until(async () => turnedAway.includes(undefined) && guessers.every(isLocked), 60_000);
    } finally {
      isOver = true;
      await Promise.all(load);
    }
  }, 120_000);
  afterAll(() => opened?.end());

  function isLocked({ user }: Person): boolean {
    return answered.some(({ person, answer }) => person.user.id === user.id && answer?.status === 429);
  }

  it('answered every request in its own words, or not at all, and some not at all', () => {
    const all = [...turnedAway, ...answered.map(({ answer }) => answer)];
    const statuses = new Set(all.map((answer) => answer?.status));
    for (const status of [200, 422, 429, undefined]) expect(statuses).toContain(status);
    const ours = all.filter((answer) => answer?.headers['content-type']?.includes('problem+json'));
    for (const answer of ours) expect([401, 422, 429, 503]).toContain(answer?.status);
    for (const answer of ours.filter((one) => one?.status === 503)) expect(answer?.headers['retry-after']).toBe('5');
  });

  it('accepted no step twice', () => {
    const uses = signedIn.map(({ person, code }) => `${person.user.id} ${code}`);
    expect(uses.length).toBe(new Set(uses).size);
  });

  it('has exactly one row for each sign-in that it told somebody of, and no two for one code', async () => {
    for (const { user } of honest) {
      const told = signedIn.filter(({ person }) => person.user.id === user.id).length;
      const { rows } = await opened.store.scan({ owner: `u:${user.id}`, types: ['sign_in.completed'], limit: 500 });
      // All this time the authenticator showed one code. Where nobody was told, the answer was lost.
      const byTotp = rows.filter(({ data }) => JSON.stringify(data).includes('"totp"')).length;
      expect([told, byTotp]).toEqual([told, told === 1 ? 1 : byTotp]);
      expect(byTotp).toBeLessThanOrEqual(1);
    }
  });

  it('has everybody signed in who was told so, and nobody else', async () => {
    const others = answered.filter((one) => !signedIn.includes(one));
    for (const [index, { person }] of others.entries()) {
      await moved(person, left[index % 2] as AppProcess)
        .get('/app')
        .expect(401);
    }
    for (const [index, { person }] of signedIn.entries()) {
      await moved(person, left[index % 2] as AppProcess)
        .get('/app')
        .expect(200);
    }
  });

  it('compared no more wrong answers than the limit, and counted every one it compared', async () => {
    for (const { user } of guessers) {
      const compared = answered.filter(({ person, answer }) => person.user.id === user.id && answer?.status === 422);
      const counted = await standing({ store: opened.store }, user.id, 'totp');
      expect(compared.length).toBeLessThanOrEqual(counted);
      expect(counted).toBe(TRIES_BEFORE_LOCK);
    }
    expect(signedIn.filter(({ person }) => guessers.some(({ user }) => user.id === person.user.id))).toEqual([]);
  });

  it('lost no confirmed factor, and lets every honest person in', async () => {
    clock.advance(60_000);
    await everywhere(left, { do: 'advance', ms: 60_000 });
    await Promise.all(
      honest.map(async (person, index) => {
        const there = inNewBrowser(person, left[index % 2] as AppProcess);
        await there.password().expect(200);
        await there.verify({ code: there.code(), factorId: 'totp' }).expect(200);
        await there.get('/app').expect(200);
      }),
    );
  });
});
