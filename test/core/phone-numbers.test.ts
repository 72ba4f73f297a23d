import { describe, expect, it } from '@jest/globals';
import { maskPhone, readPhone } from '../../src/core/phone-numbers.js';

const RULES = { countries: ['US', 'AU', 'GB'] };

describe('a phone number somebody typed', () => {
  it.each([
    ['+1 212 555 0100', '+12125550100', 'US'],
    ['(212) 555-0100', '+12125550100', 'US'],
    ['  +61 491 570 156 ', '+61491570156', 'AU'],
    ['+61 (0)491 570 156', '+61491570156', 'AU'],
    ['0011 61 491 570 156', undefined, undefined],
    ['tel:+61491570156', '+61491570156', 'AU'],
  ])('%s is %s', async (typed, e164, country) => {
    const read = await readPhone(typed, RULES);
    expect(read).toMatchObject(e164 ? { ok: true, e164, country } : { ok: false });
  });

  it('is read in the country that was picked, or in the first of the list', async () => {
    expect(await readPhone('0491 570 156', RULES, 'AU')).toMatchObject({ ok: true, e164: '+61491570156' });
    expect(await readPhone('0491 570 156', RULES)).toMatchObject({ ok: false });
    expect(await readPhone('0491 570 156', { ...RULES, defaultCountry: 'AU' })).toMatchObject({ e164: '+61491570156' });
  });

  it.each(['FR', 'au', 'XX', '__proto__', {}, ['AU'], 61])(
    'is refused with a country that is not in the list: %j. Read in another one it would be a stranger’s',
    async (country) => {
      expect(await readPhone('0491 570 156', RULES, country)).toEqual({ ok: false, why: 'country' });
    },
  );

  it.each([undefined, null, ''])('takes %j for no country', async (country) => {
    expect(await readPhone('212 555 0100', RULES, country)).toMatchObject({ ok: true, country: 'US' });
  });

  it.each([
    '',
    ' ',
    'hello',
    '+',
    '123',
    '+1',
    '+1 212 555 0100 ext. 5',
    '+1 212 555 0100;x',
    '0'.repeat(65),
    '+12125550100\u0000',
  ])('%j is not one', async (typed) => {
    expect(await readPhone(typed, RULES)).toMatchObject({ ok: false });
  });

  it.each([undefined, null, 12125550100, {}, ['+12125550100'], true, { toString: () => '+12125550100' }])(
    'is a text, not %p',
    async (typed) => {
      expect(await readPhone(typed, RULES)).toEqual({ ok: false, why: 'unreadable' });
    },
  );

  it.each([
    ['+33 6 12 34 56 78', 'country', 'another country'],
    ['+1 876 555 0123', 'country', 'Jamaica, which shares +1'],
    ['+881 6 1234 5678', 'country', 'a satellite'],
    ['+44 909 879 0123', 'type', 'premium rate'],
    ['+1 800 555 0199', 'type', 'toll free'],
    ['+44 7640 123456', 'type', 'a pager'],
  ])('P02 %s is refused: %s (%s)', async (typed, why) => {
    const read = await readPhone(typed, RULES);
    expect(read.ok).toBe(false);
    // A number no plan knows is unreadable rather than foreign; neither is sent to.
    expect([why, 'unreadable']).toContain((read as { why: string }).why);
  });

  it('P02 sends nowhere when no country is listed', async () => {
    expect(await readPhone('+12125550100', { countries: [] })).toEqual({ ok: false, why: 'country' });
  });
});

describe('P08 what is shown of a number', () => {
  it('is its last two digits, and the same length whatever the number', () => {
    expect(maskPhone('+12125550100')).toBe('••••••••00');
    expect(maskPhone('+61491570156')).toHaveLength(maskPhone('+4917012345678').length);
    expect(maskPhone('+61491570156')).not.toContain('491');
  });
});
