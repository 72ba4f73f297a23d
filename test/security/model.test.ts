/**
 * Random stories of one user and whoever else has the password, against a model of what must hold. A story is made from its seed; the seed of one that fails is in the
 * message, and `MODEL_SEED=…` tells that one again. `MODEL_STORIES=…` tells more of them.
 */
import { describe, expect, it } from '@jest/globals';
import { standing } from '../support/guess.js';
import { createHost, type TestHost, testClock } from '../support/host.js';
import { Person } from '../support/person.js';
import { stores } from '../support/stores.js';
import { type Kind, Model } from './model/model.js';

const BROWSERS = 3;
const STEPS = 60;
const SEED = process.env.MODEL_SEED;

/** Mulberry32: small, and the same everywhere. */
function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Story {
  readonly host: TestHost;
  readonly people: readonly Person[];
  readonly model: Model;
  readonly told: string[];
  pick<T>(list: readonly T[]): T;
}

async function begins(open: (clock: () => number) => TestHost['store'], seed: number): Promise<Story> {
  const clock = testClock();
  const host = createHost({ store: open(clock) }, clock);
  const ada = await new Person(host, 'ada').enrolsTotp();
  host.events.length = 0;
  const chance = chances(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
  const people = Array.from({ length: BROWSERS }, () => ada.elsewhere());
  return { host, people, model: new Model(BROWSERS, stepAt(host)), told: [], pick };
}

const stepAt = ({ clock }: TestHost, ahead = 0) => Math.floor(clock() / 30_000) + ahead;

/** One thing that somebody does, and what must come of it. */
async function goesOn(story: Story): Promise<void> {
  const { host, people, model, pick, told } = story;
  const index = pick([0, 1, 2]);
  const person = people[index] as Person;
  const now = () => host.clock();
  const does = pick([
    ...['password', 'password', 'wrong', 'wrong', 'wrong', 'wrong', 'right', 'right', 'ahead', 'replay'],
    ...[
      'backup',
      'wrong-backup',
      'wrong-backup',
      'anew',
      'anew-backup',
      'cancel',
      'sign-out',
      'wait',
      'wait-long',
      'change',
    ],
  ]);
  told.push(`${index} ${does}`);
  const answers = async (kind: Kind, answer: Parameters<Model['answers']>[2], code: string) => {
    const expected = model.answers(index, kind, answer, now());
    const { status } = await person.verify({ factorId: kind, code });
    expect([expected.why, status]).toEqual([expected.why, expected.status]);
  };
  switch (does) {
    case 'password': {
      // Whoever is signed in, or waits, begins anew.
      await person.agent.post('/logout');
      model.signsOut(index);
      const { status } = await person.password();
      const expected = model.password(index, now());
      expect([expected.why, status]).toEqual([expected.why, expected.status]);
      break;
    }
    case 'wrong':
      await answers('totp', { right: false }, wrongCode(person));
      break;
    case 'right':
      await answers('totp', { right: true, step: stepAt(host) }, person.code());
      break;
    case 'ahead':
      await answers('totp', { right: true, step: stepAt(host, 1) }, person.code(1));
      break;
    case 'replay':
      await answers('totp', { right: true, step: stepAt(host, -1) }, person.code(-1));
      break;
    case 'backup': {
      const code = pick(person.backupCodes);
      await answers('backup-codes', { right: true, code }, code);
      break;
    }
    case 'wrong-backup':
      await answers('backup-codes', { right: false }, '00000-00000-000');
      break;
    case 'anew':
    case 'anew-backup': {
      const kind = does === 'anew' ? 'totp' : 'backup-codes';
      const expected = model.startsAnew(index, kind, now());
      const { status } = await person.post('/mfa/challenge', { factorId: kind });
      expect([expected.why, status]).toEqual([expected.why, expected.status]);
      break;
    }
    case 'cancel':
      if (model.browsers[index]?.state === 'pending') {
        const expected = model.cancels(index);
        const { status } = await person.post('/mfa/challenge/cancel');
        expect([expected.why, status]).toEqual([expected.why, expected.status]);
      }
      break;
    case 'sign-out':
      await person.agent.post('/logout');
      model.signsOut(index);
      break;
    case 'wait':
      host.clock.advance(30_000);
      break;
    case 'wait-long':
      host.clock.advance(pick([2, 6, 16, 31, 61]) * 60_000);
      break;
    default:
      await host.mfa.api.credentialsChanged('user-ada');
      model.credentialsChange();
  }
}

/** What anybody can see from outside, after each step. */
async function holds({ host, people, model }: Story): Promise<void> {
  for (const [index, person] of people.entries()) {
    const guarded = await person.get('/app');
    if (!model.signedIn(index) && model.browsers[index]?.state !== 'signed-in')
      expect([index, guarded.status]).toEqual([index, 401]);
    if (model.signedIn(index)) expect([index, guarded.status]).toEqual([index, 200]);
  }
  expect(await standing(host, 'user-ada', 'totp')).toBe(model.wrongStanding('totp'));
  expect(await standing(host, 'user-ada', 'backup-codes')).toBe(model.wrongStanding('backup-codes'));
  expect(host.events.filter(({ type }) => type === 'sign_in.completed')).toHaveLength(model.successes);
}

function wrongCode(person: Person): string {
  const shown = [-2, -1, 0, 1, 2].map((steps) => person.code(steps));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !shown.includes(code)) ?? '666666';
}

async function tells(open: (clock: () => number) => TestHost['store'], seed: number): Promise<void> {
  const story = await begins(open, seed);
  try {
    for (let step = 0; step < STEPS; step += 1) {
      await goesOn(story);
      await holds(story);
    }
  } catch (error) {
    throw new Error(
      `MODEL_SEED=${seed}, step ${story.told.length}: ${story.told.slice(-12).join('; ')}\n${String(error)}`,
    );
  }
}

describe.each(stores)('random stories, on $name', ({ name, open }) => {
  const many = Number(process.env.MODEL_STORIES ?? (name === 'memory' ? 40 : 4));
  const seeds = SEED === undefined ? Array.from({ length: many }, (_, index) => 7_000 + index) : [Number(SEED)];

  it.each(seeds)('hold what must hold: %i', async (seed) => {
    await tells(open, seed);
  });
});
