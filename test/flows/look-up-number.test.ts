import { describe, expect, it } from '@jest/globals';
import { createSealer } from '../../src/core/sealing.js';
import type { NumberFacts } from '../../src/flows/assess-risk.js';
import { lookUpNumber } from '../../src/flows/look-up-number.js';
import { memoryStore } from '../../src/index.js';
import { testClock } from '../support/host.js';
import { spyStore } from '../support/spy-store.js';

const NUMBER = '+12125550100';

function desk(answers: (() => unknown)[]) {
  const clock = testClock();
  const store = spyStore(memoryStore({ clock }));
  const errors: unknown[] = [];
  const asked: string[] = [];
  const deps = {
    store,
    sealer: createSealer(['test secret of at least thirty-two characters']),
    report: (error: unknown) => void errors.push(error),
  };
  const lookup = (number: string) => {
    asked.push(number);
    return answers.shift()?.() as Promise<NumberFacts>;
  };
  return { clock, store, errors, asked, look: () => lookUpNumber(deps, { lookup, timeoutMs: 20 }, NUMBER) };
}

describe('what is known of a number', () => {
  it('is asked once a day', async () => {
    const { asked, look, clock } = desk([() => ({ simSwappedAt: 5, line: 'voip' }), () => ({ line: 'mobile' })]);
    expect(await look()).toEqual({ simSwappedAt: 5, line: 'voip' });
    expect(await look()).toEqual({ simSwappedAt: 5, line: 'voip' });
    clock.advance(86_400_001);
    expect(await look()).toEqual({ line: 'mobile' });
    expect(asked).toEqual([NUMBER, NUMBER]);
  });

  it.each<[string, unknown, object]>([
    ['a date', { simSwappedAt: new Date(7) }, { simSwappedAt: 7 }],
    ['null: never', { simSwappedAt: null }, { simSwappedAt: Number.NEGATIVE_INFINITY }],
    ['a date that is none', { simSwappedAt: new Date('soon') }, {}],
    ['words of its own', { simSwappedAt: 'yesterday', line: 'satellite' }, {}],
  ])('reads %s', async (_, said, known) => {
    const { look } = desk([() => said]);
    expect(await look()).toEqual(known);
    expect(await look()).toEqual(known);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['never answers', () => new Promise(() => {})],
    ['says nothing', () => undefined],
  ])('is not known where the other side %s, and asked again', async (_, fails) => {
    const { look, asked } = desk([fails, () => ({ line: 'mobile' })]);
    expect(await look()).toEqual({});
    expect(await look()).toEqual({ line: 'mobile' });
    expect(asked).toHaveLength(2);
  });

  it('is kept without the number', async () => {
    const { look, store } = desk([() => ({ line: 'voip' })]);
    await look();
    expect(store.dump()).toContain('voip');
    expect(store.dump()).not.toContain('2125550100');
  });
});
