import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { generateSync } from 'otplib';
import { MfaError, type MfaOptions, type TotpOptions, totp } from '../../src/index.js';
import { adaWaits, standing, waits, wrongCode } from '../support/guess.js';
import { createHost, type TestHost, type TestUser, testClock } from '../support/host.js';
import { Person } from '../support/person.js';

type Mfa = Partial<MfaOptions<TestUser>>;
type Algorithm = 'sha1' | 'sha256' | 'sha512';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(text: string): string {
  let bits = '';
  for (const byte of Buffer.from(text, 'ascii')) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}

/** RFC 4226 5.3, written down once more. */
function hotp(seed: string, step: number, digits: number, algorithm: Algorithm): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac(algorithm, Buffer.from(seed, 'ascii')).update(counter).digest();
  const at = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

/** What our factor says of a code, at a time, for a seed of ours. */
async function verdictOn(code: string, seconds: number, seed: string, { digits = 6, algorithm = 'sha1' }: TotpOptions) {
  const data = { secret: base32(seed), algorithm, digits, period: 30 };
  const enrolment = { id: 'totp.a.b', kind: 'totp', name: 'A', data, mark: -1, version: 1, createdAt: 0 };
  const context = { now: seconds * 1000, open: async (text: string) => text } as never;
  return await totp({ digits, algorithm, window: 0 }).verify(
    { enrolment, challenge: undefined, input: { code } },
    context,
  );
}

const SEED = '12345678901234567890';
const SEEDS: Record<Algorithm, string> = {
  sha1: SEED,
  sha256: '12345678901234567890123456789012',
  sha512: '1234567890123456789012345678901234567890123456789012345678901234',
};

describe('O01 the vectors of the RFCs', () => {
  const HOTP = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');

  it.each(HOTP.map((code, step) => [step, code] as const))(
    'RFC 4226 appendix D, count %i is %s',
    async (step, code) => {
      expect(hotp(SEED, step, 6, 'sha1')).toBe(code);
      expect(generateSync({ strategy: 'hotp', secret: base32(SEED), counter: step })).toBe(code);
      expect(await verdictOn(code, step * 30, SEED, {})).toEqual({ ok: true, raiseMarkTo: step });
    },
  );

  const TOTP: readonly [seconds: number, sha1: string, sha256: string, sha512: string][] = [
    [59, '94287082', '46119246', '90693936'],
    [1111111109, '07081804', '68084774', '25091201'],
    [1111111111, '14050471', '67062674', '99943326'],
    [1234567890, '89005924', '91819424', '93441116'],
    [2000000000, '69279037', '90698825', '38618901'],
    [20000000000, '65353130', '77737706', '47863826'],
  ];
  const cases = TOTP.flatMap(([seconds, sha1, sha256, sha512]) =>
    Object.entries({ sha1, sha256, sha512 }).map(
      ([algorithm, code]) => [seconds, algorithm as Algorithm, code] as const,
    ),
  );

  it.each(cases)('RFC 6238 appendix B, at %i with %s is %s', async (seconds, algorithm, code) => {
    const seed = SEEDS[algorithm];
    const step = Math.floor(seconds / 30);
    expect(hotp(seed, step, 8, algorithm)).toBe(code);
    expect(generateSync({ secret: base32(seed), epoch: seconds, digits: 8, algorithm })).toBe(code);
    expect(await verdictOn(code, seconds, seed, { digits: 8, algorithm })).toEqual({ ok: true, raiseMarkTo: step });
    expect((await verdictOn(code, seconds + 30, seed, { digits: 8, algorithm })).ok).toBe(false);
  });

  it('keeps leading zeros', async () => {
    const step = Array.from({ length: 1000 }, (_, index) => index).find((one) =>
      hotp(SEED, one, 6, 'sha1').startsWith('00'),
    );
    if (step === undefined) throw new Error('none of a thousand');
    const code = hotp(SEED, step, 6, 'sha1');
    expect((await verdictOn(code, step * 30, SEED, {})).ok).toBe(true);
    expect((await verdictOn(String(Number(code)), step * 30, SEED, {})).ok).toBe(false);
  });

  it('counts steps beyond 32 bits', async () => {
    const step = 2 ** 32 + 5;
    const code = hotp(SEED, step, 6, 'sha1');
    expect(await verdictOn(code, step * 30, SEED, {})).toEqual({ ok: true, raiseMarkTo: step });
    expect((await verdictOn(hotp(SEED, 5, 6, 'sha1'), step * 30, SEED, {})).ok).toBe(false);
  });

  it('are what an app shows for the secret and parameters we hand out', async () => {
    for (const options of [{}, { digits: 8, algorithm: 'sha256' }, { period: 60, algorithm: 'sha512' }] as const) {
      const host = createHost({ mfa: { factors: [totp(options)] } });
      const ada = new Person(host, 'ada');
      await ada.password().expect(302);
      const { body } = await ada.post('/mfa/factors/totp').expect(201);
      const { secret, algorithm, digits, period } = body;
      expect(secret).toMatch(/^[A-Z2-7]{32}$/);
      const epoch = Math.floor(host.clock() / 1000);
      const code = generateSync({ secret, algorithm: algorithm.toLowerCase(), digits, period, epoch });
      expect(code).toHaveLength(digits);
      await ada.post(`/mfa/factors/${body.id}/confirm`, { code }).expect(200);
    }
  });

  it('go on for those who set up before the options changed', async () => {
    const clock = testClock();
    const before = createHost({ mfa: { factors: [totp({ digits: 8 })] } }, clock);
    const ada = new Person(before, 'ada');
    await ada.password().expect(302);
    const { body } = await ada.post('/mfa/factors/totp').expect(201);
    const shown = () => generateSync({ secret: body.secret, digits: 8, epoch: Math.floor(clock() / 1000) });
    await ada.post(`/mfa/factors/${body.id}/confirm`, { code: shown() }).expect(200);
    clock.advance(30_000);
    const after = createHost({ store: before.store, mfa: { factors: [totp()] } }, clock);
    const later = await waits(new Person(after, 'ada'));
    await later.verify({ code: shown().slice(0, 6) }).expect(422);
    await later.verify({ code: shown() }).expect(200);
  });
});

describe('O03 the edges of drift', () => {
  /** Which of the steps k-3 … k+3 are accepted, so many milliseconds into step k. */
  async function accepted(into: number, options: TotpOptions = {}): Promise<number[]> {
    const steps: number[] = [];
    for (const step of [-3, -2, -1, 0, 1, 2, 3]) {
      const host = createHost({ mfa: { factors: [totp(options)] } });
      const ada = await adaWaits(host);
      host.clock.advance(300_000);
      host.clock.advance(30_000 - (host.clock() % 30_000) + into);
      const { status } = await ada.verify({ code: ada.code(step) });
      if (status === 200) steps.push(step);
    }
    return steps;
  }

  it.each([0, 1, 15_000, 29_999])('accepts the step before, this one and the next, %i ms into a step', async (into) => {
    expect(await accepted(into)).toEqual([-1, 0, 1]);
  });

  it.each([0, 29_999])('accepts only this one with a window of 0, and five with 2, %i ms into a step', async (into) => {
    expect(await accepted(into, { window: 0 })).toEqual([0]);
    expect(await accepted(into, { window: 2 })).toEqual([-2, -1, 0, 1, 2]);
  });

  it.each([[3], [-1], [1.5], ['1'], [null], [Number.NaN], [6]])(
    'refuses a window of %s when the app starts',
    (window) => {
      expect(() => totp({ window } as never)).toThrow(MfaError);
      expect(() => totp({ window } as never)).toThrow(/totp\.window/);
    },
  );

  it.each([
    [{ digits: 7 }],
    [{ digits: '6' }],
    [{ algorithm: 'md5' }],
    [{ period: 5 }],
    [{ period: 0 }],
    [{ windows: 1 }],
  ])('refuses %j when the app starts', (options) => {
    expect(() => totp(options as never)).toThrow(MfaError);
  });

  it('X06 a clock that steps back ten minutes revives no code', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await adaWaits(host);
    host.clock.advance(600_000);
    const ada2 = await waits(ada.elsewhere());
    const used = ada.code();
    await ada2.verify({ code: used }).expect(200);
    host.clock.advance(-600_000);
    const browser = await waits(ada.elsewhere());
    await browser.verify({ code: browser.code() }).expect(422);
    await browser.verify({ code: used }).expect(422);
  });
});

describe('O07 the shape of a code', () => {
  const taken: Record<string, (code: string) => string> = {
    'as it is': (code) => code,
    'in two groups': (code) => `${code.slice(0, 3)} ${code.slice(3)}`,
    'with a hyphen': (code) => `${code.slice(0, 3)}-${code.slice(3)}`,
    'with spaces around': (code) => ` ${code.slice(0, 3)} ${code.slice(3)} `,
    'digit by digit': (code) => [...code].join(' '),
  };

  it.each(Object.entries(taken))('takes six digits %s', async (_name, written) => {
    const ada = await adaWaits(createHost({ mfa: { factors: [totp()] } }));
    await ada.verify({ code: written(ada.code()) }).expect(200);
  });

  const malformed: Record<string, unknown> = {
    'full-width digits': '１２３４５６',
    'Arabic-Indic digits': '١٢٣٤٥٦',
    'five digits': '12345',
    'seven digits': '1234567',
    'eight digits': '12345678',
    'an exponent': '1e5',
    'a hexadecimal number': '0x1234',
    'a negative number': '-12345',
    'a plus': '+12345',
    'a decimal': '12345.',
    nothing: '',
    spaces: '      ',
    hyphens: '------',
    letters: 'abcdef',
    'a number of JSON': 123456,
    null: null,
    true: true,
    'a list': ['123456'],
    'an object': { $gt: '' },
    'an object that prints itself': { toString: 1 },
    'a NUL inside': '123\u0000456',
    'a NUL behind': '123456\u0000',
    'a line break': '123456\n',
    'a tab': '123\t456',
    'a no-break space': '123\u00a0456',
    'an en dash': '123–456',
    'a zero-width space': '123\u200b456',
    '65 characters': `123456${' '.repeat(59)}`,
    '10 kB': '1'.repeat(10_000),
  };

  it('refuses anything else, asks nobody and costs no try', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await adaWaits(host);
    for (const [name, code] of Object.entries(malformed)) {
      for (const factorId of ['totp', ada.factorId, undefined]) {
        const { status, body } = await ada.verify({ code, ...(factorId ? { factorId } : {}) });
        expect([name, factorId, status, body.code]).toEqual([name, factorId, 422, 'code_malformed']);
      }
    }
    expect(await standing(host, 'user-ada', 'totp')).toBe(0);
    expect(host.events.filter(({ type }) => type === 'challenge.failed')).toEqual([]);
    await ada.verify({ code: ada.code() }).expect(200);
  });

  it('refuses it in a set-up too, at no cost of its five tries', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    for (const code of Object.values(malformed))
      await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code }).expect(422);
    const { body } = await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: wrongCode(ada) }).expect(422);
    expect(body.attemptsLeft).toBe(4);
    await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code() }).expect(200);
  });

  it('takes backup codes in any case, with or without hyphens, and with the look-alikes put right', async () => {
    const host = createHost();
    const ada = await adaWaits(host);
    const written = [
      (code: string) => code,
      (code: string) => code.toLowerCase(),
      (code: string) => code.replaceAll('-', ''),
      (code: string) => code.replaceAll('-', ' '),
      (code: string) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
      (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'I'),
    ];
    for (const [index, write] of written.entries())
      await (await waits(ada.elsewhere())).verify({ code: write(ada.backupCodes[index] ?? '') }).expect(200);
  });

  it('refuses what cannot be a backup code at no cost', async () => {
    const host = createHost();
    const ada = await adaWaits(host);
    const code = ada.backupCodes[0] ?? '';
    for (const wrong of [
      `${code}0`,
      code.slice(1),
      `${code.slice(1)}U`,
      `${code.slice(1)}*`,
      'x'.repeat(65),
      [code],
      7,
    ])
      await ada.verify({ factorId: 'backup-codes', code: wrong }).expect(422, /code_malformed/);
    expect(await standing(host, 'user-ada', 'backup-codes')).toBe(0);
  });
});

describe('O08 the otpauth URI', () => {
  async function begun(issuer: string, label: string) {
    const mfa: Mfa = { issuer, factors: [totp()], users: { findById: () => undefined, labelOf: () => label } };
    const host: TestHost = createHost({
      mfa: { ...mfa, users: { ...mfa.users, findById: (id) => host.users.get(String(id)) } },
    });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    return { host, ada, answer: await ada.post('/mfa/factors/totp').expect(201) };
  }

  const NAMES: Record<string, string> = {
    plain: 'ada@acme.example',
    colons: 'Acme: the shop:ada',
    'a query': 'ada?secret=AAAA&issuer=Evil#x',
    'a second secret': '&secret=AAAAAAAAAAAAAAAA',
    'escaped line breaks': '%0aada%0d%00',
    'line breaks': 'ada\r\nEvil: 1',
    'a slash and dots': '../../ada',
    emoji: '👩‍💻 Ada',
    'right-to-left': 'עדה',
    markup: '<img src=x onerror=alert(1)>"\'',
    '1 kB': 'a'.repeat(1000),
    'emoji at the cut': `${'a'.repeat(99)}😀😀`,
    'half a character': 'ada\ud83d',
    'nothing but a colon': ':',
  };

  it.each(Object.entries(NAMES))('holds one secret and says whose it is: %s', async (_name, text) => {
    for (const [issuer, label] of [
      ['Acme', text],
      [text === ':' ? 'Acme' : text, 'ada@acme.example'],
    ] as const) {
      const { answer } = await begun(issuer, label);
      const { uri, secret, qrSvg } = answer.body;
      expect(uri.match(/secret=/g)).toHaveLength(1);
      const url = new URL(uri);
      expect([url.protocol, url.host]).toEqual(['otpauth:', 'totp']);
      expect(url.searchParams.getAll('secret')).toEqual([secret]);
      expect(url.hash).toBe('');
      const [inLabel, account, ...more] = decodeURIComponent(url.pathname.slice(1)).split(':');
      expect(more).toEqual([]);
      expect(inLabel).toBe(url.searchParams.get('issuer'));
      expect(account?.trim()).not.toBe('');
      expect(`${inLabel}${account}`).not.toMatch(/\p{Cc}/u);
      expect(uri.length).toBeLessThan(2_500);
      expect(qrSvg).toMatch(/^<svg /);
      expect(qrSvg).not.toContain(secret);
    }
  });

  it('is told once set-up begins, to the session that began it, uncached, and never afterwards or elsewhere', async () => {
    const { host, ada, answer } = await begun('Acme', 'ada@acme.example');
    const { id, secret } = answer.body;
    expect(answer.headers['cache-control']).toBe('no-store');
    const again = await ada.get(`/mfa/factors/${id}`).expect(200);
    expect(again.body.secret).toBe(secret);
    expect(again.headers['cache-control']).toBe('no-store');
    const page = await ada.agent.get(`/mfa/factors/${id}`).set('Accept', 'text/html').expect(200);
    expect(page.headers['cache-control']).toBe('no-store');
    // Nothing on the page is fetched from elsewhere: the QR code is drawn here.
    expect(page.text.match(/(?:src|href|action)="(?:https?:)?\/\//g)).toBeNull();

    const other = ada.elsewhere();
    await other.password().expect(302);
    await other.get(`/mfa/factors/${id}`).expect(404);
    ada.secret = secret;
    const confirmed = await ada.post(`/mfa/factors/${id}/confirm`, { code: ada.code() }).expect(200);
    const told = JSON.stringify([confirmed.body, host.events, host.errors, (await host.store.scan({})).rows]);
    expect(told).not.toContain(secret);
    expect(JSON.stringify(await host.store.read('u:user-ada', [{ kind: 'enrolment' }]))).not.toContain(secret);
    await ada.get(`/mfa/factors/${id}`).expect(404);
  });
});

describe('F2 a phone whose clock is wrong', () => {
  async function confirmedWith(steps: number) {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = new Person(host, 'ada');
    await ada.password().expect(302);
    const begun = await ada.post('/mfa/factors/totp').expect(201);
    ada.secret = begun.body.secret;
    return await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: ada.code(steps) });
  }

  it.each([
    [2, 60],
    [-2, -60],
    [20, 600],
    [-20, -600],
  ])('is told by how much in the set-up, %i steps off', async (steps, seconds) => {
    const { status, body } = await confirmedWith(steps);
    expect([status, body.code, body.clockSkewSeconds]).toEqual([422, 'code_wrong', seconds]);
  });

  it('is not told when the code is simply wrong, and never at a sign-in', async () => {
    expect((await confirmedWith(22)).body.clockSkewSeconds).toBeUndefined();
    const ada = await adaWaits(createHost({ mfa: { factors: [totp()] } }));
    const { body } = await ada.verify({ code: ada.code(4) }).expect(422);
    expect(body.clockSkewSeconds).toBeUndefined();
  });
});

describe('the wait after a code was used', () => {
  const waitOf = async (person: Person) => (await person.get('/mfa/challenge').expect(200)).body.factors[0].waitSeconds;

  it('is shown before any code is given, and is honest', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await adaWaits(host);
    host.clock.advance(10_000);
    expect(await waitOf(ada)).toBeUndefined();
    await ada.verify({ code: ada.code() }).expect(200);
    const browser = await waits(ada.elsewhere());
    expect(await waitOf(browser)).toBe(20);
    host.clock.advance(19_001);
    expect(await waitOf(browser)).toBe(1);
    await browser.verify({ code: browser.code() }).expect(422);
    host.clock.advance(999);
    expect(await waitOf(browser)).toBeUndefined();
    await browser.verify({ code: browser.code() }).expect(200);
  });

  it('is longer where the phone ran ahead, and none where another authenticator is free', async () => {
    const host = createHost({ mfa: { factors: [totp()] } });
    const ada = await new Person(host, 'ada').enrolsTotp();
    host.clock.advance(60_000);
    await (await waits(ada.elsewhere())).verify({ code: ada.code(1) }).expect(200);
    expect(await waitOf(await waits(ada.elsewhere()))).toBe(60);
    host.clock.advance(60_000);
    const first = ada.elsewhere();
    await ada.addsTotp('Tablet');
    host.clock.advance(60_000);
    await (await waits(ada.elsewhere())).verify({ code: first.code() }).expect(200);
    const browser = await waits(ada.elsewhere());
    expect(await waitOf(browser)).toBeUndefined();
    await browser.verify({ code: ada.code() }).expect(200);
  });
});
