import { describe, expect, it } from '@jest/globals';
import { createSealer } from '../../src/core/sealing.js';

const OLD = 'an old secret of thirty-two characters';
const NEW = 'a new secret of thirty-two characters!';
const BINDING = ['enrolment', 'u:ada', 'totp.1'];

describe('sealing', () => {
  it('opens what it sealed, whatever the text holds', async () => {
    const sealer = createSealer([OLD]);
    for (const text of ['', 'a', 'é\u0000\u{1f511}', 'x'.repeat(10_000)]) {
      expect(await sealer.open(await sealer.seal(text, BINDING), BINDING)).toBe(text);
    }
  });

  it('never gives the same text twice, nor anything of what is in it', async () => {
    const sealer = createSealer([OLD]);
    const sealed = await Promise.all(Array.from({ length: 50 }, () => sealer.seal('GEZDGNBVGY3TQOJQ', BINDING)));
    expect(new Set(sealed).size).toBe(50);
    expect(sealed.join()).not.toContain('GEZDGNBVGY3TQOJQ');
    const [format, key, nonce] = sealed[0]?.split('.') ?? [];
    expect(format).toBe('s1');
    expect(key).toMatch(/^[\w-]{8}$/);
    expect(Buffer.from(String(nonce), 'base64url')).toHaveLength(12);
  });

  it.each([
    ['another user', ['enrolment', 'u:bob', 'totp.1']],
    ['another enrolment', ['enrolment', 'u:ada', 'totp.2']],
    ['another purpose', ['fresh-codes', 'u:ada', 'totp.1']],
    ['parts joined otherwise', ['enrolment', 'u:adatotp.1']],
    ['nothing', []],
  ])('does not open it for %s', async (_whom, binding) => {
    const sealer = createSealer([OLD]);
    await expect(sealer.open(await sealer.seal('secret', BINDING), binding)).rejects.toThrow(
      /belongs to another record/,
    );
  });

  it('does not open it when a single bit was changed, anywhere', async () => {
    const sealer = createSealer([OLD]);
    const [format, id, nonce = '', body = ''] = (await sealer.seal('secret', BINDING)).split('.');
    const flipped = (text: string, at: number) => {
      const bytes = Buffer.from(text, 'base64url');
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes.toString('base64url');
    };
    const changed = [
      ...[0, 5, 11].map((at) => [format, id, flipped(nonce, at), body]),
      ...[0, 5, 6, 21].map((at) => [format, id, nonce, flipped(body, at)]),
    ];
    for (const parts of changed) await expect(sealer.open(parts.join('.'), BINDING)).rejects.toThrow(/was changed/);
  });

  it.each(['', 's1', 's1.a.b', 's2.x.y.z', 'plain text', 's1.key.AAAA.', 's1..AAAA.AAAA', '\u0000'])(
    'refuses %j with a sentence, not with an error of the runtime',
    async (text) => {
      await expect(createSealer([OLD]).open(text, BINDING)).rejects.toThrow(/^express-mfa: /);
    },
  );

  it('refuses a tag that was cut short: a short tag is a guessable one', async () => {
    const sealer = createSealer([OLD]);
    const [format, id, nonce, body = ''] = (await sealer.seal('s', BINDING)).split('.');
    for (const length of [4, 8, 12, 15, 16]) {
      const cut = Buffer.from(body, 'base64url').subarray(0, length).toString('base64url');
      await expect(sealer.open([format, id, nonce, cut].join('.'), BINDING)).rejects.toThrow(/^express-mfa: /);
    }
  });

  it('takes what is no text for a sealed one of no known form', async () => {
    await expect(createSealer([OLD]).open(undefined as never, BINDING)).rejects.toThrow(/form/);
  });
});

describe('changing the secrets', () => {
  it('keeps old texts readable as long as the old secret is in the list, and says whose key sealed them', async () => {
    const sealed = await createSealer([OLD]).seal('secret', BINDING);
    const both = createSealer([NEW, OLD]);
    expect(await both.open(sealed, BINDING)).toBe('secret');
    const [, oldKey = ''] = sealed.split('.');
    const [, newKey = ''] = (await both.seal('secret', BINDING)).split('.');
    expect(newKey).not.toBe(oldKey);
    await expect(createSealer([NEW]).open(sealed, BINDING)).rejects.toThrow(`sealed with key ${oldKey}`);
  });

  it('seals with the newest only', async () => {
    const sealed = await createSealer([NEW, OLD]).seal('secret', BINDING);
    expect(await createSealer([NEW]).open(sealed, BINDING)).toBe('secret');
    await expect(createSealer([OLD]).open(sealed, BINDING)).rejects.toThrow();
  });

  it('knows hashes made under an older secret, and makes them under the newest', () => {
    const hash = createSealer([OLD]).keyedHash('123456');
    expect(createSealer([NEW, OLD]).matchesKeyedHash('123456', hash)).toBe(true);
    expect(createSealer([NEW]).matchesKeyedHash('123456', hash)).toBe(false);
    expect(createSealer([NEW, OLD]).keyedHash('123456')).toBe(createSealer([NEW]).keyedHash('123456'));
  });
});

describe('a keyed hash', () => {
  it('cannot be made without the key, and matches only its own text', () => {
    const sealer = createSealer([OLD]);
    const hash = sealer.keyedHash('123456');
    expect(Buffer.from(hash, 'base64url')).toHaveLength(32);
    expect(hash).not.toBe(createSealer([NEW]).keyedHash('123456'));
    expect(sealer.matchesKeyedHash('123457', hash)).toBe(false);
    for (const broken of ['', hash.slice(0, -2), `${hash}AAAA`, 'not base64!'])
      expect(sealer.matchesKeyedHash('123456', broken)).toBe(false);
  });
});

describe('secrets that cannot protect anything', () => {
  it.each([
    [[], /expected a list with at least one text/],
    [undefined, /expected a list with at least one text/],
    ['one text instead of a list, long enough', /expected a list with at least one text/],
    [[undefined], /expected a list with at least one text/],
    [['short'], /secrets\[0\]: expected a random text of at least 32 characters/],
    [[OLD, 'short'], /secrets\[1\]/],
    [[OLD, undefined], /secrets\[1\]/],
  ])('are refused when the app starts, with advice: %j', (secrets, advice) => {
    expect(() => createSealer(secrets as never)).toThrow(advice);
    try {
      createSealer(secrets as never);
    } catch (error) {
      expect(String(error)).not.toMatch(/old secret|short/);
    }
  });
});
