import { describe, expect, it } from '@jest/globals';
import { backupCodes, createMfa, type MfaError, type MfaOptions, memoryStore, totp } from '../../src/index.js';
import { readOptions } from '../../src/options/read-options.js';

const SECRET = 'test secret of at least thirty-two characters';

const GOOD: MfaOptions = {
  issuer: 'Acme',
  secrets: [SECRET],
  users: { findById: () => undefined },
  factors: [totp(), backupCodes()],
  sweepEvery: false,
};

/** The advice a host reads; the options need not fit the type, as in JavaScript. */
function adviceFor(changes: object): string {
  try {
    createMfa({ ...GOOD, ...changes } as MfaOptions);
  } catch (error) {
    expect((error as MfaError).code).toBe('set_up');
    expect((error as Error).message).not.toContain(SECRET);
    return (error as Error).message;
  }
  return 'none';
}

function read(changes: Partial<MfaOptions> = {}, production = false) {
  return readOptions({ ...GOOD, ...changes }, { production });
}

describe('options that cannot work', () => {
  it.each([
    [{ secret: SECRET }, 'createMfa: `secret` is not an option. Did you mean `secrets`?'],
    [{ mountpath: '/mfa' }, 'createMfa: `mountpath` is not an option. Did you mean `mountPath`?'],
    [{ onevents: () => 1 }, 'createMfa: `onevents` is not an option. Did you mean `onEvent`?'],
    [{ colour: 'red' }, 'createMfa: `colour` is not an option.'],
    [{ constructor: 1 }, 'createMfa: `constructor` is not an option.'],
    [{ users: { findById: () => 1, findByID: () => 1 } }, /users: `findByID` is not .* `findById`\?/],
    [{ limits: { triesPerChalenge: 3 } }, /limits: `triesPerChalenge` is not .* `triesPerChallenge`\?/],
    [{ pages: { layuot: () => '' } }, /pages: `layuot` is not .* `layout`\?/],
    [{ rateLimit: { windw: '1m' } }, /rateLimit: `windw` is not .* `window`\?/],
    [
      { existingSessions: { keepUntil: new Date(), keepUntill: 1 } },
      /existingSessions: `keepUntill` is not .* `keepUntil`\?/,
    ],
    [{ copy: { challange: {} } }, /copy\.challange is not a text of the pages. Did you mean `challenge`\?/],
  ])('are named, with the nearest one: %j', (changes, advice) => {
    expect(adviceFor(changes)).toMatch(advice instanceof RegExp ? advice : new RegExp(`^${literally(advice)}$`));
  });

  it.each([
    [{ issuer: undefined }, /`issuer` is missing/],
    [{ issuer: ' ' }, /`issuer` is missing/],
    [{ issuer: 5 }, /`issuer` is missing/],
    [{ users: undefined }, /`users.findById` is missing/],
    [{ users: null }, /`users.findById` is missing/],
    [{ users: {} }, /`users.findById` is missing/],
    [{ users: { findById: () => 1, idOf: 'id' } }, "createMfa: users: `idOf` is the text 'id', expected a function."],
    [{ secrets: undefined }, /expected a list with at least one text/],
    [{ secrets: [] }, /expected a list with at least one text/],
    [{ secrets: [undefined] }, /expected a list with at least one text/],
    [{ secrets: ['password'.repeat(4)] }, /secrets\[0\]: this repeats the same few characters and can be guessed/],
    [{ secrets: [SECRET, 'a'.repeat(64)] }, /secrets\[1\]: this repeats/],
    [{ secrets: ['short'] }, /secrets\[0\]: expected a random text of at least 32 characters/],
    [{ factors: undefined }, /`factors` needs at least one real factor/],
    [{ factors: [] }, /`factors` needs at least one real factor/],
    [{ factors: [backupCodes()] }, /`factors` needs at least one real factor/],
    [{ factors: [totp(), backupCodes] }, 'createMfa: `factors` holds a function. Call it: `totp()`, not `totp`.'],
    [{ factors: [totp(), totp()] }, "createMfa: there are two factors of kind 'totp'."],
    [{ factors: [totp(), { role: 'factor', kind: 'My Key' }] }, /kind is 'My Key', expected lower-case/],
    [{ factors: [totp(), { role: 'factor', kind: 'password' }] }, /and not 'password'/],
    [{ factors: [totp(), { role: 'factor', kind: 'key' }] }, /the factor 'key' has no `beginEnrolment`/],
    [{ factors: [totp(), null] }, /kind is 'undefined'/],
    [{ policy: 'required' }, "createMfa: `policy` is the text 'required', expected a function."],
    [{ onEvent: {} }, 'createMfa: `onEvent` is of type object, expected a function.'],
    [{ notify: null }, 'createMfa: `notify` is null, expected a function.'],
    [{ clock: 5 }, /`clock` is of type number, expected a function/],
    [{ production: 'yes' }, /`production` is the text 'yes', expected true or false/],
    [{ allowMemoryStore: 1 }, /expected true or false/],
    [{ limits: [] }, 'createMfa: `limits` is a list, expected an object.'],
    [{ carry: 'cart' }, "createMfa: `carry` is the text 'cart', expected a list of texts."],
    [{ carry: ['passport'] }, "createMfa: `carry` names 'passport', which must begin anew at every sign-in."],
    [{ carry: ['mfa'] }, /names 'mfa'/],
    [{ carry: ['admin'], passportKeys: ['passport', 'admin'] }, /names 'admin'/],
    [{ passportKeys: [] }, /`passportKeys` is empty/],
    [{ store: {} }, /`store` has no `read`/],
    [{ store: { ...memoryStore(), commit: undefined } }, /`store` has no `commit`/],
    [{ existingSessions: 'keep' }, /`existingSessions` must be 'challenge', 'end' or/],
    [{ existingSessions: { keepUntil: '2027-01-01' } }, /`existingSessions` must be/],
    [{ existingSessions: { keepUntil: new Date('nonsense') } }, /`existingSessions` must be/],
    [{ rateLimit: true }, /`rateLimit` is of type boolean, expected an object or false/],
    [{ rateLimit: { limit: 0 } }, 'createMfa: rateLimit.limit is 0, expected a whole number from 1.'],
    [{ copy: 'de' }, "createMfa: `copy` is the text 'de', expected an object or a function."],
    [{ copy: null }, /`copy` is null/],
    [{ copy: { lang: 5 } }, /copy\.lang must be a text/],
    [{ hostCsrfField: '_mfa_csrf' }, /which is the name of our own field/],
    [{ mountPath: 'mfa' }, /`mountPath` is 'mfa', expected a path such as '\/mfa'/],
    [{ mountPath: '/mfa/' }, /without a slash at the end/],
    [{ mountPath: '/' }, /`mountPath` is '\/'/],
    [{ mountPath: '/../mfa' }, /`mountPath`/],
    [{ mountPath: '/:tenant/mfa' }, /`mountPath`/],
    [{ signInUrl: 'login' }, /`signInUrl` is 'login', expected a path/],
    [{ signInUrl: '//evil.example' }, /`signInUrl`/],
    [{ signInUrl: 'javascript:alert(1)' }, /`signInUrl`/],
    [{ homeUrl: '' }, 'createMfa: `homeUrl` is an empty text, expected a text.'],
    [{ baseUrl: 'acme.example' }, /expected an origin such as 'https:\/\/acme.example'/],
    [{ baseUrl: 'ftp://acme.example' }, /expected an origin/],
    [{ baseUrl: 'https://acme.example/app' }, /a path belongs into `mountPath`/],
    [{ baseUrl: 'https://me:secret@acme.example' }, /expected an origin/],
    [{ baseUrl: '' }, /`baseUrl` is an empty text/],
  ])('are refused when the app starts, with advice: %p', (changes, advice) => {
    expect(adviceFor(changes)).toMatch(advice instanceof RegExp ? advice : new RegExp(`^${literally(advice)}$`));
  });

  it('is not even an object', () => {
    for (const given of [undefined, null, 'options', 5]) {
      expect(() => createMfa(given as never)).toThrow('createMfa: expected an options object.');
    }
  });
});

describe('defaults', () => {
  it('are those of the documentation', () => {
    const { limits, rateLimit, mountPath, signInUrl, homeUrl, storeTimeoutMs, existingSessions, carry, passportKeys } =
      read();
    expect(limits).toEqual({
      triesPerChallenge: 5,
      triesBeforeLock: 10,
      triesWithoutSuccess: 100,
      lockMs: 15 * 60_000,
      longestLockMs: 3_600_000,
      codeTtlMs: 5 * 60_000,
      resendWaitsMs: [30_000, 60_000, 120_000],
      pendingTtlMs: 10 * 60_000,
      freshMs: 10 * 60_000,
      draftTtlMs: 10 * 60_000,
      draftsPerUser: 3,
      factorsPerUser: 10,
      freshCodesTtlMs: 10 * 60_000,
      sendsPerNumber10Min: 3,
      sendsPerNumberHour: 5,
      sendsPerNumberDay: 10,
      sendsPerUserHour: 5,
      sendsPerIpHour: 10,
      sendsPerPrefix10Min: 5,
      sendsPerPrefixHour: 20,
      sendsPerDay: 1_000,
      numbersPerRun: 4,
      accountsPerNumber: 5,
      conversion: {
        prefix: { sends: 10, share: 0.2 },
        country: { sends: 100, share: 0.1 },
        blockMs: 12 * 3_600_000,
      },
      sendTimeoutMs: 10_000,
    });
    expect(rateLimit).toEqual({ windowMs: 60_000, limit: 100 });
    expect([mountPath, signInUrl, homeUrl]).toEqual(['/mfa', '/login', '/']);
    expect([storeTimeoutMs, existingSessions, carry, passportKeys]).toEqual([2_000, 'challenge', [], ['passport']]);
  });

  it('give way to what is asked for', () => {
    const { limits, rateLimit, existingSessions, signInUrl, origin } = read({
      limits: { triesPerChallenge: 3, lock: '2h', resendAfter: ['10s'] },
      freshFor: '5m',
      rateLimit: { limit: 5 },
      existingSessions: { keepUntil: new Date(1_000) },
      signInUrl: 'https://id.acme.example/login',
      baseUrl: 'https://Acme.example:443/',
    });
    expect(limits).toMatchObject({ triesPerChallenge: 3, freshMs: 300_000, resendWaitsMs: [10_000] });
    // A first lock of two hours means the longest is two hours as well.
    expect(limits).toMatchObject({ lockMs: 7_200_000, longestLockMs: 7_200_000 });
    expect(rateLimit).toEqual({ windowMs: 60_000, limit: 5 });
    expect(existingSessions).toEqual({ keepUntil: 1_000 });
    expect([signInUrl, origin]).toEqual(['https://id.acme.example/login', 'https://acme.example']);
  });

  it('undefined is as good as left out, for every option', () => {
    const names = Object.keys(read().options);
    const nothing = Object.fromEntries(
      ['policy', 'store', 'limits', 'copy', 'pages', 'carry', 'rateLimit', 'baseUrl', 'notify'].map((name) => [
        name,
        undefined,
      ]),
    );
    expect(names.length).toBeGreaterThan(3);
    expect(adviceFor(nothing)).toBe('none');
  });
});

describe('ceilings are never silently cut', () => {
  it.each([
    [{ triesPerChallenge: 10 }, { triesPerChallenge: 11 }],
    [{ triesBeforeLock: 100 }, { triesBeforeLock: 101 }],
    [{ triesWithoutSuccess: 100 }, { triesWithoutSuccess: 101 }],
    [{ sendsPerNumber10Min: 5 }, { sendsPerNumber10Min: 6 }],
    [{ sendsPerDay: 10_000_000 }, { sendsPerDay: 10_000_001 }],
  ])('%j may be, %j may not', (most, tooMuch) => {
    const [[name, value] = ['', 0]] = Object.entries(tooMuch);
    expect(adviceFor({ limits: most })).toBe('none');
    expect(adviceFor({ limits: tooMuch })).toMatch(
      new RegExp(`^createMfa: limits\\.${name} is ${value}, above its ceiling of \\d+\\.$`),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', true, {}])(
    'a count is a whole number from 1, not %p',
    (value) => {
      expect(adviceFor({ limits: { triesPerChallenge: value } })).toMatch(/expected a whole number from 1/);
    },
  );

  it.each([
    [{ limits: { codeTtl: '11m' } }, /limits\.codeTtl: 11m is above the ceiling, 10m/],
    [{ limits: { codeTtl: '30s' } }, /below the smallest/],
    [{ limits: { lock: '59s' } }, /limits\.lock: 59s is below/],
    [{ limits: { longestLock: '25h' } }, /limits\.longestLock: 25h is above/],
    [{ limits: { lock: '1h', longestLock: '30m' } }, /limits\.longestLock: 30m is below/],
    [{ limits: { resendAfter: [] } }, /one to five pauses/],
    [{ limits: { resendAfter: ['1s', '1s', '1s', '1s', '1s', '1s'] } }, /one to five pauses/],
    [{ limits: { resendAfter: '30s' } }, /one to five pauses/],
    [{ limits: { resendAfter: ['soon'] } }, /limits\.resendAfter\[0\]: got "soon"/],
    [{ freshFor: '31m' }, /freshFor: 31m is above the ceiling, 30m/],
    [{ pendingFor: '16m' }, /pendingFor: 16m is above the ceiling, 15m/],
    [{ storeTimeout: '11s' }, /storeTimeout: 11s is above the ceiling, 10s/],
    [{ sendTimeout: '11s' }, /sendTimeout: 11s is above the ceiling, 10s/],
    [{ rateLimit: { window: '25h' } }, /rateLimit\.window: 25h is above/],
    [{ rateLimit: { limit: 1_000_001 } }, /rateLimit\.limit is 1000001, above its ceiling/],
    [{ auditFor: '30d' }, /auditFor: 30d is below/],
    [{ sweepEvery: '1s' }, /sweepEvery: 1s is below/],
  ])('%j', (changes, advice) => {
    expect(adviceFor(changes)).toMatch(advice);
  });
});

describe('D02 in production', () => {
  const production = { production: true, baseUrl: 'https://acme.example' };

  it('a memory store is refused, ours and anybody’s, unless it is allowed', () => {
    expect(adviceFor(production)).toMatch(/the memory store forgets every enrolment .* `sqliteStore/);
    expect(adviceFor({ ...production, store: memoryStore() })).toMatch(/allowMemoryStore/);
    expect(adviceFor({ ...production, allowMemoryStore: true })).toBe('none');
    expect(adviceFor({ ...production, store: { ...memoryStore(), name: 'mine', volatile: false } })).toBe('none');
  });

  it('`baseUrl` is asked for, with https, but for a machine of one’s own', () => {
    const allowed = { production: true, allowMemoryStore: true };
    expect(adviceFor(allowed)).toMatch(/`baseUrl` is missing/);
    expect(adviceFor({ ...allowed, baseUrl: 'http://acme.example' })).toMatch(/must begin with https/);
    for (const own of ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
      expect(adviceFor({ ...allowed, baseUrl: own })).toBe('none');
    }
  });

  it('is what NODE_ENV says, unless told otherwise', () => {
    expect(() => read({}, true)).toThrow(/`baseUrl` is missing/);
    expect(read({ production: false }, true).production).toBe(false);
    expect(read({}, false).production).toBe(false);
  });
});

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
