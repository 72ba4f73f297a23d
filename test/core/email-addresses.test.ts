import { describe, expect, it } from '@jest/globals';
import { maskEmail, readEmail, sameMailbox } from '../../src/core/email-addresses.js';

describe('an address somebody typed', () => {
  it.each([
    ['ada@acme.example', 'ada@acme.example'],
    ['  Ada.Lovelace+mfa@Mail.Acme.EXAMPLE ', 'Ada.Lovelace+mfa@mail.acme.example'],
    ["o'hara@acme.example", "o'hara@acme.example"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@例え。テスト', 'ada@xn--r8jz45g.xn--zckzah'],
    ['ada@acme.museum', 'ada@acme.museum'],
    ['a.d-a_2+x@mail-2.acme.co.example', 'a.d-a_2+x@mail-2.acme.co.example'],
    [`${'a'.repeat(64)}@acme.example`, `${'a'.repeat(64)}@acme.example`],
  ])('%s is %s', (typed, read) => {
    expect(readEmail(typed)).toBe(read);
  });

  it.each([
    '',
    'ada',
    'ada@',
    '@acme.example',
    'ada@localhost',
    'ada@acme',
    'ada@acme..example',
    'ada@-acme.example',
    'ada@acme.example.',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@acme.example:25',
    'ada@acme.example/x',
    'ada@acme.example?x',
    'ada@%61cme.example',
    'ada@eve@acme.example',
    '.ada@acme.example',
    'ada.@acme.example',
    'a..da@acme.example',
    'a da@acme.example',
    '"a da"@acme.example',
    'ada(x)@acme.example',
    'Ada <ada@acme.example>',
    'ada@acme.example, eve@acme.example',
    'ada@acme.example;eve@acme.example',
    'ada@acme.example\r\nBcc: eve@acme.example',
    'ada@acme.example\u0000',
    // What needs SMTPUTF8 (RFC 6531) hardly any server takes on its way.
    'ädä@acme.example',
    'аda@acme.example',
    'ａｄａ@acme.example',
    'ada＠acme.example',
    'ada\u200b@acme.example',
    '\u202eada@acme.example',
    'ada@xn--a.example',
    'ada@acme_mail.example',
    `ada@${'a'.repeat(64)}.example`,
    '"ada"@acme.example',
    '"ada@eve.example"@acme.example',
    'ada\\@eve@acme.example',
    '<ada@acme.example>',
    'mailto:ada@acme.example',
    'ada@acme.example ada',
    'ada@acme.example\nCc: eve@acme.example',
    'ada@acme.example%0aBcc:eve@acme.example',
    'team:ada@acme.example;',
    '@relay.example:ada@acme.example',
    '=?utf-8?q?eve=40evil.example=3e?=ada@acme.example',
    `${'a'.repeat(65)}@acme.example`,
    `a@${'a'.repeat(250)}.example`,
    undefined,
    null,
    42,
    ['ada@acme.example'],
    { toString: () => 'ada@acme.example' },
  ])('%j is not one', (typed) => {
    expect(readEmail(typed)).toBeUndefined();
  });
});

describe('a mailbox', () => {
  it('is the same in any case, and with any tag', () => {
    expect(sameMailbox('Ada@acme.example', 'ada+mfa@ACME.example')).toBe(true);
    expect(sameMailbox('ada@acme.example', 'adam@acme.example')).toBe(false);
    expect(sameMailbox('ada@acme.example', 'ada@mail.acme.example')).toBe(false);
    expect(sameMailbox('ada.b@acme.example', 'adab@acme.example')).toBe(false);
  });

  it('of a name in another script is the same written in ASCII', () => {
    const read = (typed: string) => readEmail(typed) ?? '';
    expect(sameMailbox(read('ada@bücher.example'), read('Ada@XN--BCHER-KVA.example'))).toBe(true);
  });

  it('of Gmail is the same with dots and without, under both names', () => {
    expect(sameMailbox('ada.lovelace@gmail.com', 'AdaLovelace+mfa@googlemail.com')).toBe(true);
    expect(sameMailbox('ada@gmail.com', 'adam@gmail.com')).toBe(false);
  });

  it('is shown by its first letter and its domain, the same length whatever the name', () => {
    expect(maskEmail('ada.lovelace@acme.example')).toBe('a••••••••@acme.example');
    expect(maskEmail('a@acme.example')).toBe('a••••••••@acme.example');
  });
});
