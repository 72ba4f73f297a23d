import { describe, expect, it } from '@jest/globals';
import { didYouMean } from '../../src/core/did-you-mean.js';

const KNOWN = ['secrets', 'users', 'store', 'mountPath', 'onEvent', 'onError'];

describe('a hint at the nearest name', () => {
  it.each([
    ['secret', ' Did you mean `secrets`?'],
    ['mountpath', ' Did you mean `mountPath`?'],
    ['onEvents', ' Did you mean `onEvent`?'],
    ['onErorr', ' Did you mean `onError`?'],
    ['stroe', ' Did you mean `store`?'],
  ])('is given for %s', (given, hint) => {
    expect(didYouMean(given, KNOWN)).toBe(hint);
  });

  it.each(['colour', 'x', '', 'constructor', 'a'.repeat(1_000)])('is not given for %j', (given) => {
    expect(didYouMean(given, KNOWN)).toBe('');
  });

  it('knows nothing of nothing', () => {
    expect(didYouMean('secrets', [])).toBe('');
  });
});
