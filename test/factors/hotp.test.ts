import { describe, expect, it } from '@jest/globals';
import { generateSync } from 'otplib';
import { bytesOfBase32, codeAt, counterOf } from '../../src/factors/hotp.js';

const RFC_KEY = Buffer.from('12345678901234567890');

describe('one-time passwords', () => {
  it('are those of RFC 4226 appendix D', () => {
    const codes = Array.from({ length: 10 }, (_, counter) =>
      codeAt(RFC_KEY, counter, { algorithm: 'sha1', digits: 6 }),
    );
    expect(codes).toEqual([
      '755224',
      '287082',
      '359152',
      '969429',
      '338314',
      '254676',
      '287922',
      '162583',
      '399871',
      '520489',
    ]);
  });

  it.each([
    { seconds: 59, algorithm: 'sha1', bytes: 20, code: '94287082' },
    { seconds: 1_111_111_111, algorithm: 'sha1', bytes: 20, code: '14050471' },
    { seconds: 20_000_000_000, algorithm: 'sha1', bytes: 20, code: '65353130' },
    { seconds: 59, algorithm: 'sha256', bytes: 32, code: '46119246' },
    { seconds: 20_000_000_000, algorithm: 'sha256', bytes: 32, code: '77737706' },
    { seconds: 59, algorithm: 'sha512', bytes: 64, code: '90693936' },
    { seconds: 20_000_000_000, algorithm: 'sha512', bytes: 64, code: '47863826' },
  ] as const)('are those of RFC 6238 appendix B: $algorithm at $seconds s', ({ seconds, algorithm, bytes, code }) => {
    const key = Buffer.from('1234567890'.repeat(7).slice(0, bytes));
    expect(codeAt(key, Math.floor(seconds / 30), { algorithm, digits: 8 })).toBe(code);
  });

  it('are those otplib makes, leading zeros too', () => {
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    for (let step = 1; step <= 300; step += 1) {
      expect(codeAt(bytesOfBase32(secret), step, { algorithm: 'sha1', digits: 6 })).toBe(
        generateSync({ secret, epoch: step * 30 }),
      );
    }
  });

  it('belong to the first of the counters that makes them, or to none', () => {
    const rules = { algorithm: 'sha1', digits: 6 } as const;
    expect(counterOf('969429', RFC_KEY, [4, 3, 5], rules)).toBe(3);
    expect(counterOf('969429', RFC_KEY, [4, 5], rules)).toBeUndefined();
    for (const code of ['', '96942', '9694290', '９６９４２９'])
      expect(counterOf(code, RFC_KEY, [3], rules)).toBeUndefined();
  });
});

describe('a secret in base 32', () => {
  it.each([
    ['', ''],
    ['MY======', 'f'],
    ['MZXQ====', 'fo'],
    ['MZXW6===', 'foo'],
    ['mzxw6yq', 'foob'],
    ['MZXW6YTB', 'fooba'],
    ['MZXW6YTBOI======', 'foobar'],
  ])('%j is %j (RFC 4648 section 10)', (text, plain) => {
    expect(bytesOfBase32(text).toString()).toBe(plain);
  });

  it('is refused where a letter is none', () => {
    expect(() => bytesOfBase32('MZXW1')).toThrow(/base 32/);
  });
});
