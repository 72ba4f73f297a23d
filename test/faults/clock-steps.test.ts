/** X06: the clock of the process, or of its store, is set back or forward in the middle of what people are doing. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { memoryStore, type Store, totp } from '../../src/index.js';
import { guesses, lockedFor, waits } from '../support/guess.js';
import { createHost, type TestClock, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

afterEach(() => void jest.restoreAllMocks());

interface Scene {
  readonly host: TestHost;
  /** The clock on the wall of the app. */
  readonly clock: TestClock;
  /** The clock of the store, which is another machine's. */
  readonly storeClock: TestClock;
  readonly store: Store;
  /** Signed in; the present code of the authenticator is unused. */
  readonly ada: Person;
}

async function scene(): Promise<Scene> {
  const [clock, storeClock] = [testClock(), testClock()];
  const store = memoryStore({ clock: storeClock });
  const host = createHost({ store, mfa: { factors: [totp()] } }, clock);
  const ada = await new Person(host, 'ada').enrolsTotp();
  clock.advance(MINUTE);
  storeClock.advance(MINUTE);
  return { host, clock, storeClock, store, ada };
}

describe('X06 the app’s clock is set back by ten minutes', () => {
  it('and no used step comes back, nor one before it, until time has caught up', async () => {
    const { clock, ada } = await scene();
    const code = ada.code();
    await (await waits(ada.elsewhere())).verify({ code }).expect(200);
    clock.advance(-10 * MINUTE);
    const there = await waits(ada.elsewhere());
    await there.verify({ code }).expect(422);
    await there.verify({ code: ada.code() }).expect(422);
    clock.advance(10 * MINUTE);
    await there.verify({ code }).expect(422);
    await there.verify({ code: ada.code(1) }).expect(200);
  });

  it('in the middle of a sign-in: it goes on, and ends when the store says', async () => {
    const { clock, storeClock, ada } = await scene();
    const [early, late] = [await waits(ada.elsewhere()), await waits(ada.elsewhere())];
    clock.advance(-10 * MINUTE);
    expect((await early.get('/mfa/challenge').expect(200)).body.factors).toHaveLength(1);
    clock.advance(10 * MINUTE);
    await early.verify({ code: ada.code() }).expect(200);
    storeClock.advance(10 * MINUTE);
    clock.advance(-10 * MINUTE);
    const { body } = await late.verify({ code: ada.code() }).expect(401);
    expect(body.code).toBe('sign_in_again');
  });

  it('and a lock lasts as long as it was to last, by the store’s clock', async () => {
    const { clock, storeClock, ada } = await scene();
    await guesses(await waits(ada.elsewhere()), 10);
    for (const step of [-10 * MINUTE, 2 * HOUR, -HOUR]) {
      clock.advance(step);
      expect(await lockedFor((await waits(ada.elsewhere())).verify({ code: ada.code() }))).toBe(900);
    }
    storeClock.advance(15 * MINUTE);
    await (await waits(ada.elsewhere())).verify({ code: ada.code() }).expect(200);
  });
});

describe('X06 the store’s clock is set back by ten minutes', () => {
  it('and what had expired stays so: sign-ins that were over, and ended locks', async () => {
    const { clock, storeClock, ada } = await scene();
    const over = await waits(ada.elsewhere());
    storeClock.advance(10 * MINUTE);
    await over.verify({ code: ada.code() }).expect(401);
    storeClock.advance(-10 * MINUTE);
    await over.verify({ code: ada.code() }).expect(401);

    await guesses(await waits(ada.elsewhere()), 10);
    storeClock.advance(25 * MINUTE);
    await waits(ada.elsewhere());
    storeClock.advance(-10 * MINUTE);
    clock.advance(30_000);
    await (await waits(ada.elsewhere())).verify({ code: ada.code() }).expect(200);
  });

  it('and an open lock is neither opened nor made longer than it was', async () => {
    const { storeClock, ada } = await scene();
    await guesses(await waits(ada.elsewhere()), 10);
    storeClock.advance(-10 * MINUTE);
    expect(await lockedFor((await waits(ada.elsewhere())).verify({ code: ada.code() }))).toBe(900);
    storeClock.advance(25 * MINUTE);
    await (await waits(ada.elsewhere())).verify({ code: ada.code() }).expect(200);
  });
});

describe('X06 proofs that ended elsewhere, while the clock jumps', () => {
  /** Another process on the same store, whose clock is right. */
  function elsewhere({ store, ada }: Scene, clock: TestClock): TestHost {
    const other = createHost({ store, mfa: { factors: [totp()] } }, clock);
    other.users.set(ada.user.id, ada.user);
    return other;
  }

  /** So long that what the process knows is stale: how old knowledge is, is not told by the clock on the wall. */
  function timePasses(): void {
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 6_000);
  }

  it.each([
    ['back by an hour', -HOUR],
    ['back by ten minutes', -10 * MINUTE],
    ['forward by five minutes', 5 * MINUTE],
  ])('%s: they are over at the very next look', async (_, step) => {
    const stage = await scene();
    const { ada, clock } = stage;
    const rightTime = testClock(clock() + Math.min(0, step));
    await ada.get('/payout').expect(200);
    clock.advance(step);
    await elsewhere(stage, rightTime).mfa.api.credentialsChanged(ada.user.id);
    timePasses();
    await ada.get('/app').expect(401);
    await ada.get('/payout').expect(401);
  });

  it('a clock that stands still or goes back makes nothing known for longer', async () => {
    const stage = await scene();
    const { ada, clock } = stage;
    await ada.get('/payout').expect(200);
    await elsewhere(stage, testClock(clock())).mfa.api.credentialsChanged(ada.user.id);
    clock.advance(-1_000);
    timePasses();
    await ada.get('/payout').expect(401);
  });
});
