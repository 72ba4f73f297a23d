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

describe('what address books add', () => {
  it('marks nobody sees, and spaces of other widths, do not matter', async () => {
    expect(await readPhone('\u202a+1\u00a0212\u2009555\u200b0123\u202c', RULES)).toMatchObject({
      e164: '+12125550123',
    });
  });
});
