/** One matrix: each flow is begun once for every point at which its process can die, all at once; then the process dies. */
import type { Store } from '../../../src/index.js';
import { type TestClock, testClock } from '../../support/host.js';
import type { Person } from '../../support/person.js';
import { inNewBrowser, moved, personAt } from '../../support/person-at.js';
import { cookieOf } from '../../support/raw.js';
import { type AppProcess, startApp } from './apps.js';
import { type After, type CrashFlow, type Fatal, phoneOf } from './flows.js';
import { PASSAGE_HEADER } from './passages.js';
import { open, type Place } from './places.js';

/** A person whose request was stopped at one of the points. */
interface Stopped {
  readonly flow: CrashFlow;
  /** `before sessions: set` */
  readonly point: string;
  readonly after: After;
}

export interface Crashed {
  readonly stopped: readonly Stopped[];
  readonly clock: TestClock;
  readonly store: Store;
  /** Moves the clocks of the process that is left. */
  advance(ms: number): Promise<void>;
  end(): Promise<void>;
}

interface Prepared {
  readonly flow: CrashFlow;
  readonly person: Person;
  readonly fatal: Fatal;
  readonly rowsBefore: number;
}

const AT_ONCE = 8;
const WIDE = { sendsPerIpHour: 10_000, sendsPerPrefix10Min: 10_000, sendsPerPrefixHour: 10_000 };

/** Who is required to have a factor is told by the name. */
const REQUIRED = 'user-must';

export async function crash(place: Place, flows: readonly CrashFlow[]): Promise<Crashed> {
  const clock = testClock(Date.now());
  const options = {
    place,
    now: clock(),
    limits: WIDE,
    required: REQUIRED,
    withBackupCodes: flows.some(({ withBackupCodes }) => withBackupCodes),
  };
  const [dying, opened] = await Promise.all([startApp(options), open(place)]);
  const people: (Prepared & { readonly steps: readonly string[]; readonly stopBefore: number })[] = [];
  let count = 0;

  async function prepared(flow: CrashFlow): Promise<Prepared> {
    count += 1;
    const person = await newPerson(dying, clock, `${flow.required ? 'must' : 'may'}-${count}`);
    const fatal = await flow.prepare(person, () => newestText(dying, person));
    return { flow, person, fatal, rowsBefore: await rows(flow, person) };
  }

  async function rows({ row }: CrashFlow, { user }: Person): Promise<number> {
    return (await opened.store.scan({ owner: `u:${user.id}`, types: [row] })).rows.length;
  }

  for (const flow of flows) {
    const trial = await prepared(flow);
    const through = dying.passage(trial.person.user.id);
    await asks(trial.person, trial.fatal, 0);
    const news = await through;
    if (!('through' in news)) throw new Error('the trial was stopped');
    const stops = stopsAmong(news.steps);
    const all = await inBatches(stops, async (stopBefore) => ({
      ...(await prepared(flow)),
      steps: news.steps,
      stopBefore,
    }));
    people.push(...all);
  }
  await Promise.all(
    people.map(async ({ person, fatal, stopBefore }) => {
      const stopped = dying.passage(person.user.id);
      asks(person, fatal, stopBefore).catch(() => undefined);
      const news = await stopped;
      if (!('stopped' in news)) throw new Error(`${person.user.id} went through step ${stopBefore}`);
    }),
  );
  await dying.kill();

  const living = await startApp(options);
  for (const { person } of people) await living.ask({ do: 'add user', name: nameOf(person) });
  const stopped = people.map(async ({ flow, person, fatal, rowsBefore, steps, stopBefore }): Promise<Stopped> => {
    const there = moved(person, living);
    const more = (await rows(flow, person)) - rowsBefore;
    if (more > 1) throw new Error(`${flow.flow} happened ${more} times`);
    return {
      flow,
      point: `before ${steps[stopBefore - 1]}`,
      after: {
        person: there,
        elsewhere: () => inNewBrowser(there, living),
        fatal,
        store: opened.store,
        done: steps.slice(0, stopBefore - 1),
        happened: more === 1,
        texted: () => newestText(living, there),
      },
    };
  });
  return {
    stopped: await Promise.all(stopped),
    clock,
    store: opened.store,
    async advance(ms) {
      clock.advance(ms);
      await living.ask({ do: 'advance', ms });
    },
    async end() {
      await living.kill();
      await opened.end();
    },
  };
}

/** Before the first step, before each half of the answer, and after each step that changes something: where steps only look, one point is as the next. */
function stopsAmong(steps: readonly string[]): readonly number[] {
  const onlyLooks = (step: string | undefined) => /(: read|: look|: rehearse|^sessions: get)$/.test(step ?? '');
  return steps.flatMap((step, index) =>
    index === 0 || step.startsWith('answer') || !onlyLooks(steps[index - 1]) ? [index + 1] : [],
  );
}

export async function inBatches<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE)
    results.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(work))));
  return results;
}

async function newPerson(app: AppProcess, clock: TestClock, name: string): Promise<Person> {
  await app.ask({ do: 'add user', name });
  return personAt(app, clock, name);
}

function nameOf({ user }: Person): string {
  return user.id.replace('user-', '');
}

async function newestText(app: AppProcess, person: Person): Promise<string> {
  const texts = await app.ask({ do: 'texts' });
  return texts.filter(({ to }) => to === phoneOf(person)).at(-1)?.code ?? 'nothing arrived';
}

/** What a browser does: it keeps the cookie as soon as the head of the answer is there, whether or not a body follows. */
async function asks(person: Person, { path, method = 'POST', body }: Fatal, stopBefore: number): Promise<void> {
  const answer = await fetch(`${String(person.host.app)}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      Cookie: cookieOf(person),
      [PASSAGE_HEADER]: `${person.user.id};${stopBefore}`,
    },
    body: JSON.stringify(body),
  });
  person.agent.jar.setCookies(answer.headers.getSetCookie());
  await answer.text();
}
