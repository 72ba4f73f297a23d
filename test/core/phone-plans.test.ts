/** P1: how people of sixteen countries write a mobile number, and what of it is not one. */
import { describe, expect, it } from '@jest/globals';
import { formatPhone, type PhoneType, readPhone } from '../../src/core/phone-numbers.js';

interface Plan {
  readonly country: string;
  readonly e164: string;
  readonly type: PhoneType;
  readonly shown: string;
  /** All of them the number above, typed with the country picked. */
  readonly spelt: readonly string[];
  /** Typed the same way, and refused: too short, too long, a dead range, a special service. */
  readonly refused: readonly string[];
  /** A line that takes no text, or undefined where the plan cannot tell. */
  readonly landline?: string;
}

const PLANS: readonly Plan[] = [
  {
    country: 'US',
    e164: '+12125550123',
    type: 'mobile-or-landline',
    shown: '+1 212 555 0123',
    spelt: ['(212) 555-0123', '212.555.0123', '1 212 555 0123', '+1 (212) 555-0123', 'tel:+1-212-555-0123'],
    refused: ['555-0123', '212 555 01234', '+1 900 555 0123', '911', '+1 111 555 0123'],
  },
  {
    country: 'CA',
    e164: '+14165550123',
    type: 'mobile-or-landline',
    shown: '+1 416 555 0123',
    spelt: ['416-555-0123', '(416) 555 0123', '1-416-555-0123', '+14165550123', '011 1 416 555 0123'],
    refused: ['416 555 012', '+1 876 555 0123', '+1 800 555 0199', '+1 900 555 0123', '411'],
  },
  {
    country: 'GB',
    e164: '+447400123456',
    type: 'mobile',
    shown: '+44 7400 123456',
    spelt: ['07400 123456', '07400-123-456', '+44 (0)7400 123456', '0044 7400 123456', '+44 7400 123 456'],
    refused: ['07400 12345', '07400 1234567', '0909 879 0123', '07640 123456', '999'],
    landline: '020 7946 0018',
  },
  {
    country: 'IN',
    e164: '+919876543210',
    type: 'mobile',
    shown: '+91 98765 43210',
    spelt: ['98765 43210', '098765 43210', '+91-98765-43210', '0091 9876543210', '91 98765 43210'],
    refused: ['98765 4321', '28765 432101', '1860 123 4567', '100', '+91 12345678901'],
    landline: '011 2345 6789',
  },
  {
    country: 'MX',
    e164: '+525512345678',
    type: 'mobile-or-landline',
    shown: '+52 55 1234 5678',
    spelt: ['55 1234 5678', '(55) 1234-5678', '+52 55 1234 5678', '+52 1 55 1234 5678', '00 52 55 1234 5678'],
    refused: ['55 1234 567', '55 1234 56789', '900 123 4567', '911', '+52 2 55 1234 5678'],
  },
  {
    country: 'BR',
    e164: '+5511961234567',
    type: 'mobile',
    shown: '+55 11 96123 4567',
    spelt: ['(11) 96123-4567', '11 96123 4567', '011 96123-4567', '+55 (11) 96123-4567', '+55 11 961234567'],
    refused: ['(11) 6123-4567', '96123-4567', '0300 123 4567', '0900 123 456', '190'],
    landline: '(11) 2345-6789',
  },
  {
    country: 'DE',
    e164: '+4915123456789',
    type: 'mobile',
    shown: '+49 1512 3456789',
    spelt: ['0151 23456789', '0151/23456789', '+49 (0)151 23456789', '0049 151 23456789', '+49 151 2345 6789'],
    refused: ['0151 2345', '0151 234567890123', '0900 1 123456', '0180 5 123456', '112'],
    landline: '030 123456',
  },
  {
    country: 'FR',
    e164: '+33612345678',
    type: 'mobile',
    shown: '+33 6 12 34 56 78',
    spelt: ['06 12 34 56 78', '06.12.34.56.78', '+33 6 12 34 56 78', '+33 (0)6 12 34 56 78', '0033 6 12 34 56 78'],
    refused: ['06 12 34 56 7', '06 12 34 56 789', '0 892 12 34 56', '17', '0700 12 34 56'],
    landline: '01 23 45 67 89',
  },
  {
    country: 'IT',
    e164: '+393123456789',
    type: 'mobile',
    shown: '+39 312 345 6789',
    spelt: ['312 345 6789', '312/3456789', '+39 312 3456789', '0039 312 345 6789', '39 312 345 6789'],
    refused: ['312 345', '0312 345 6789 01', '899 123 456', '113', '+39 848 123 456'],
    landline: '02 1234 5678',
  },
  {
    country: 'ES',
    e164: '+34612345678',
    type: 'mobile',
    shown: '+34 612 34 56 78',
    spelt: ['612 34 56 78', '612-345-678', '+34 612 345 678', '0034 612 345 678', '612345678'],
    refused: ['612 34 56 7', '612 34 56 789', '803 123 456', '902 123 456', '112'],
    landline: '810 12 34 56',
  },
  {
    country: 'AU',
    e164: '+61491570156',
    type: 'mobile',
    shown: '+61 491 570 156',
    spelt: ['0491 570 156', '0491-570-156', '+61 491 570 156', '+61 (0)491 570 156', '0011 61 491 570 156'],
    refused: ['0491 570 15', '0491 570 1567', '1900 123 456', '13 12 34', '000'],
    landline: '02 5550 1234',
  },
  {
    country: 'JP',
    e164: '+819012345678',
    type: 'mobile',
    shown: '+81 90 1234 5678',
    spelt: [
      '090-1234-5678',
      '０９０－１２３４－５６７８',
      '+81 90 1234 5678',
      '010 81 90 1234 5678',
      '+81 (0)90 1234 5678',
    ],
    refused: ['090-1234-567', '090-1234-56789', '0990 123 456', '0570 123 456', '110'],
    landline: '03-1234-5678',
  },
  {
    country: 'CN',
    e164: '+8613123456789',
    type: 'mobile',
    shown: '+86 131 2345 6789',
    spelt: ['131 2345 6789', '131-2345-6789', '+86 131 2345 6789', '0086 13123456789', '86 131 2345 6789'],
    refused: ['131 2345 678', '131 2345 67890', '16812345', '110', '400 123 4567'],
    landline: '010 1234 5678',
  },
  {
    country: 'KR',
    e164: '+821012345678',
    type: 'mobile',
    shown: '+82 10 1234 5678',
    spelt: ['010-1234-5678', '010 1234 5678', '+82 10 1234 5678', '+82 (0)10-1234-5678', '82 10 1234 5678'],
    refused: ['010-1234', '010-1234-567890', '060-234-5678', '112', '1588-1234'],
    landline: '02-212-3456',
  },
  {
    country: 'NG',
    e164: '+2348021234567',
    type: 'mobile',
    shown: '+234 802 123 4567',
    spelt: ['0802 123 4567', '0802-123-4567', '+234 802 123 4567', '+234 (0)802 123 4567', '009 234 802 123 4567'],
    refused: ['0802 123 456', '0802 123 45678', '0700 12 34', '199', '+234 111 123 4567'],
    landline: '02033 123 456',
  },
  {
    country: 'ZA',
    e164: '+27821234567',
    type: 'mobile',
    shown: '+27 82 123 4567',
    spelt: ['082 123 4567', '(082) 123-4567', '+27 82 123 4567', '+27 (0)82 123 4567', '0027 82 123 4567'],
    refused: ['082 12', '082 123 45678', '0862 345 678', '0860 123 456', '112'],
    landline: '010 123 4567',
  },
];

const RULES = { countries: PLANS.map(({ country }) => country) };

describe.each(PLANS)('a number of $country', ({ country, e164, type, shown, spelt, refused, landline }) => {
  it.each(spelt)('is read from %s', async (typed) => {
    expect(await readPhone(typed, RULES, country)).toEqual({ ok: true, e164, country, type });
  });

  it.each(refused)('is not %s', async (typed) => {
    expect(await readPhone(typed, { countries: [country] }, country)).toMatchObject({ ok: false });
  });

  it('is shown as it is written abroad, and reads as itself again', async () => {
    expect(await formatPhone(e164)).toBe(shown);
    expect(await readPhone(shown, RULES)).toMatchObject({ e164 });
  });

  it('is a landline only where the plan says so', async () => {
    if (landline === undefined) return expect(type).toBe('mobile-or-landline');
    expect(await readPhone(landline, RULES, country)).toMatchObject({ ok: true, country, type: 'landline' });
  });
});

describe('a number of nobody’s country', () => {
  it.each(['+881 6 1234 5678', '+883 510 012 345', '+870 773 111 632', '+979 123 456 789', '+800 1234 5678'])(
    '%s is refused, whatever is allowed',
    async (typed) => {
      expect(await readPhone(typed, RULES)).toMatchObject({ ok: false });
    },
  );
});

describe('several numbers, or more than one', () => {
  it.each([
    '+12125550123,+12125550124',
    '+12125550123 +12125550124',
    '+12125550123/24',
    '+12125550123;ext=5',
    '+12125550123 ext 5',
    '+12125550123x5',
    '+12125550123#5',
    '+12125550123\nBcc: x',
    'call +12125550123',
    'tel:tel:+12125550123',
  ])('%j are refused', async (typed) => {
    expect(await readPhone(typed, RULES)).toMatchObject({ ok: false });
  });
});

describe('what address books and keyboards add', () => {
  it.each([
    ['\u202a+1\u00a0212\u2009555\u200b0123\u202c', '+12125550123'],
    ['\u200f+44 7400 123456\u200e', '+447400123456'],
    ['\ufeff+44\u00ad7400\u200c123456', '+447400123456'],
    ['+1\t212·555·0123', '+12125550123'],
    ['+1–212—555‐0123', '+12125550123'],
    ['(+44) 7400 123456', '+447400123456'],
    ['( +1 ) (212) 555-0123', '+12125550123'],
    ['TEL:+44-7400-123456', '+447400123456'],
    ['tel:07400123456;phone-context=+44', '+447400123456'],
    ['+4407400123456', '+447400123456'],
    ['+49 0151 23456789', '+4915123456789'],
    ['+81 090 1234 5678', '+819012345678'],
    ['+12125550123\n', '+12125550123'],
  ])('does not matter: %j', async (typed, e164) => {
    expect(await readPhone(typed, RULES)).toMatchObject({ ok: true, e164 });
  });

  it.each([
    ['Arabic', '٠١٥١٢٣٤٥٦٧٨٩', 'DE', '+4915123456789'],
    ['Persian', '+۴۹۱۵۱۲۳۴۵۶۷۸۹', undefined, '+4915123456789'],
    ['Devanagari', '९८७६५ ४३२१०', 'IN', '+919876543210'],
    ['Bengali', '+৯১ ৯৮৭৬৫৪৩২১০', undefined, '+919876543210'],
    ['full-width', '＋４４　７４００　１２３４５６', undefined, '+447400123456'],
    ['mathematical', '𝟎𝟕𝟒𝟎𝟎 𝟏𝟐𝟑𝟒𝟓𝟔', 'GB', '+447400123456'],
  ])('are digits of another script: %s', async (_script, typed, country, e164) => {
    expect(await readPhone(typed, RULES, country)).toMatchObject({ ok: true, e164 });
  });

  it.each([
    '++44 7400 123456',
    '+ +44 7400 123456',
    '+44+7400123456',
    '+44 7400 123456+',
    '(+44 7400 123456',
    'tel://+447400123456',
    'sms:+447400123456',
    '+12125550123,,5',
    '+12125550123p5',
    '*67 2125550123',
    '#31#+12125550123',
    '<+12125550123>',
    '+1 212 555 CODE',
    '+1-212-555-0123 (home)',
    '+12125550123\n+12125550124',
  ])('is no number: %j', async (typed) => {
    expect(await readPhone(typed, RULES)).toEqual({ ok: false, why: 'unreadable' });
  });
});

describe('forms of yesterday', () => {
  it.each([
    ['+52 1 55 1234 5678', '+525512345678'],
    ['044 55 1234 5678', '+525512345678'],
    ['045 55 1234 5678', '+525512345678'],
    ['01 55 1234 5678', '+525512345678'],
    ['1 55 1234 5678', '+525512345678'],
    ['+52 1 1 55 1234 5678', undefined],
  ])('of Mexico: %s', async (typed, e164) => {
    expect(await readPhone(typed, RULES, 'MX')).toMatchObject(e164 ? { ok: true, e164 } : { ok: false });
  });

  it.each([
    ['(11) 6123-4567', undefined],
    ['015 11 96123-4567', '+5511961234567'],
    ['+55 011 96123-4567', '+5511961234567'],
  ])('of Brazil, where a ninth digit came and nobody can guess it: %s', async (typed, e164) => {
    expect(await readPhone(typed, RULES, 'BR')).toMatchObject(e164 ? { ok: true, e164 } : { ok: false });
  });

  it.each([
    ['+54 9 11 2345 6789', '+5491123456789'],
    ['011 15-2345-6789', '+5491123456789'],
    ['+54 11 15 2345 6789', '+5491123456789'],
    ['+54 9 11 15 2345-6789', '+5491123456789'],
    ['+54 9 351 15 234-5678', '+5493512345678'],
    ['+54 9 2966 15 23-4567', '+5492966234567'],
    ['+54 9 11 15 15 2345-6789', undefined],
  ])('of Argentina, 9 or 15 or both: %s', async (typed, e164) => {
    const read = await readPhone(typed, { countries: ['AR'] });
    expect(read).toMatchObject(e164 ? { ok: true, e164, type: 'mobile' } : { ok: false });
  });
});

describe('a number that could be of two countries', () => {
  it.each([
    ['612345678', 'ES', '+34612345678'],
    ['612345678', 'FR', '+33612345678'],
    ['447400123456', 'GB', '+447400123456'],
    ['12125550123', 'US', '+12125550123'],
  ])('%s is of the one that was picked, %s', async (typed, country, e164) => {
    expect(await readPhone(typed, RULES, country)).toMatchObject({ ok: true, e164, country });
  });

  it.each([
    ['416 555 0123', ['US', 'CA'], 'US', 'CA'],
    ['07781 123456', ['GB', 'GG'], 'GB', 'GG'],
    ['07400 123456', ['GG', 'GB'], 'GG', 'GB'],
    ['0491 570 156', ['CX', 'AU'], 'CX', 'AU'],
    ['+7 912 345 67 89', ['KZ', 'RU'], 'KZ', 'RU'],
  ])(
    '%s, of %j, is of the country it belongs to, whatever was picked (%s): %s',
    async (typed, countries, picked, country) => {
      expect(await readPhone(typed, { countries }, picked)).toMatchObject({ ok: true, country });
    },
  );

  it.each([
    ['416 555 0123', 'US', 'Canada'],
    ['+44 7781 123456', 'GB', 'Guernsey'],
    ['+44 7624 123456', 'GB', 'the Isle of Man'],
    ['+7 701 123 4567', 'RU', 'Kazakhstan'],
    ['+39 06 6982 0123', 'IT', 'the Vatican'],
    ['+61 8 9162 1234', 'AU', 'the Cocos Islands'],
    ['876 555 0123', 'US', 'Jamaica'],
  ])('%s is refused where only %s is listed: it is of %s', async (typed, country) => {
    expect(await readPhone(typed, { countries: [country] }, country)).toEqual({ ok: false, why: 'country' });
  });
});
