import { describe, expect, it } from '@jest/globals';
import { copy } from '../../src/http/copy.js';
import { type CopyOverrides, copyWith } from '../../src/http/copy-with.js';

/** As a host without types would call it. */
const loosely = (overrides: unknown) => copyWith(overrides as CopyOverrides);

describe('copyWith', () => {
  it('replaces one text deep down and keeps the rest', () => {
    const mine = copyWith({ challenge: { heading: 'Your code, please' } });
    expect(mine.challenge.heading).toBe('Your code, please');
    expect(mine.challenge.resend).toBe(copy.challenge.resend);
    expect(copy.challenge.heading).toBe('Enter your code');
  });

  it('replaces a sentence with values by a function', () => {
    const mine = copyWith({ errors: { code_wrong: ({ attemptsLeft }) => `Falsch, noch ${attemptsLeft}` } });
    expect(mine.errors.code_wrong({ attemptsLeft: 3 })).toBe('Falsch, noch 3');
  });

  it('takes names for kinds it does not know', () => {
    expect(copyWith({ kinds: { card: 'Key card' } }).kinds).toMatchObject({
      card: 'Key card',
      totp: 'Authenticator app',
    });
  });

  it('refuses a text that no page has, and names the nearest', () => {
    expect(() => loosely({ challenge: { headng: 'x' } })).toThrow(
      'createMfa: copy.challenge.headng is not a text of the pages. Did you mean `heading`?',
    );
    expect(() => loosely({ chalenge: {} })).toThrow('Did you mean `challenge`?');
  });

  it('refuses a text where a function is needed, and the other way round', () => {
    expect(() => loosely({ challenge: { resendLater: 'soon' } })).toThrow('must be a function');
    expect(() => loosely({ continue: () => 'Go' })).toThrow('must be a text');
    expect(() => loosely({ challenge: 'x' })).toThrow('is a group of texts');
  });
});
