import { describe, expect, it } from '@jest/globals';
import { totp } from '../../src/factors/totp.js';
import type { MfaOptions, PriceOptions } from '../../src/index.js';
import { readOptions } from '../../src/options/read-options.js';
import { cheapestFirst, costPerSuccess, successRate } from '../../src/policy/carrier-order.js';
import { costOf, type Prices } from '../../src/policy/prices.js';

function read(options: Partial<MfaOptions>) {
  const required = {
    issuer: 'A',
    secrets: ['0123456789abcdef0123456789abcdef'],
    users: { findById: () => null },
    factors: [totp()],
  };
  return readOptions({ ...required, ...options }, { production: false }).money;
}

const LINE: PriceOptions = { carrier: 'a', channel: 'sms', perSend: '0.0079', currency: 'USD' };

function pricesOf(...lines: Partial<PriceOptions>[]): Prices {
  const { prices } = read({ prices: lines.map((line) => ({ ...LINE, ...line })) });
  if (!prices) throw new Error('no prices');
  return prices;
}

const TO = { carrier: 'a', channel: 'sms', to: '+12125550100', country: 'US', at: 1_000 } as const;

describe('a price list', () => {
  it.each([
    ['0.0079', 7_900],
    ['0.000001', 1],
    ['1', 1_000_000],
    ['0.3', 300_000],
    ['100', 100_000_000],
    ['0', 0],
  ])('reads %s exactly', (perSend, micros) => {
    expect(costOf(pricesOf({ perSend }), TO).perSend).toBe(micros);
  });

  it('takes the longest prefix, then the country, then the rest', () => {
    const prices = pricesOf(
      { perSend: '0.01' },
      { perSend: '0.02', country: 'US' },
      { perSend: '0.03', prefix: '+1' },
      { perSend: '0.04', prefix: '+1212' },
    );
    const perSend = (to: string, country: string) => costOf(prices, { ...TO, to, country }).perSend;
    expect(perSend('+12125550100', 'US')).toBe(40_000);
    expect(perSend('+13035550100', 'US')).toBe(30_000);
    expect(perSend('+447400123456', 'GB')).toBe(10_000);
    expect(costOf(pricesOf({ perSend: '0.01' }, { perSend: '0.02', country: 'US' }), TO).perSend).toBe(20_000);
  });

  it('takes what came into force last, and nothing that has not yet', () => {
    const prices = pricesOf(
      { perSend: '0.01' },
      { perSend: '0.02', from: new Date(1_000) },
      { perSend: '0.03', from: new Date(1_001) },
    );
    expect([999, 1_000, 1_001].map((at) => costOf(prices, { ...TO, at }).perSend)).toEqual([10_000, 20_000, 30_000]);
  });

  it('counts what it does not name as its dearest line', () => {
    const prices = pricesOf({}, { perSend: '0.05', perSuccess: '0.05' });
    for (const unknown of [{ carrier: 'b' }, { carrier: undefined }, { channel: 'voice' as const }])
      expect(costOf(prices, { ...TO, ...unknown })).toMatchObject({ perSend: 50_000, perSuccess: 50_000 });
  });

  it.each([
    [{ perSend: 0.0079 as unknown as string }, /prices\[0\]\.perSend: expected a decimal as a text/],
    [{ perSend: '0.00790001' }, /six digits/],
    [{ perSend: '-1' }, /decimal/],
    [{ perSend: '1e3' }, /decimal/],
    [{ perSend: '101' }, /above its ceiling of 100/],
    [{ channel: 'fax' as 'sms' }, /channel is 'fax', expected sms, voice/],
    [{ currency: 'dollars' }, /currency is 'USD' or its like/],
    [{ prefix: '1212' }, /as in '\+1212'/],
    [{ prefix: '+1', country: 'US' }, /Write two lines/],
    [{ country: 'usa' }, /'usa' is no country/],
    [{ from: new Date(Number.NaN) }, /from is a Date/],
    [{ perSent: '1' } as object, /Did you mean `perSend`/],
  ])('refuses %j with advice', (line, advice) => {
    expect(() => pricesOf(line)).toThrow(advice);
  });

  it('is of one currency, and not empty', () => {
    expect(() => pricesOf({}, { currency: 'EUR' })).toThrow(/one currency for all lines, not USD and EUR/);
    expect(() => read({ prices: [] })).toThrow(/at least one line/);
  });
});

describe('caps by money', () => {
  it('need prices, room for one send, and stay below their ceiling', () => {
    expect(() => read({ limits: { spendPerDay: '10' } })).toThrow(/need `prices`/);
    expect(() => read({ carrierOrder: 'cost' })).toThrow(/need `prices`/);
    expect(() => read({ channelOrder: 'cost' })).toThrow(/need `prices`/);
    expect(() => read({ channelOrder: 'price' as never })).toThrow(/`channelOrder` is 'given' or 'cost'/);
    expect(() => read({ prices: [LINE], limits: { spendPerDay: '0.0157' } })).toThrow(/less than one send/);
    expect(() => read({ prices: [LINE], limits: { spendPerDay: '50001' } })).toThrow(/above its ceiling of 50000/);
    expect(() => read({ prices: [LINE], limits: { spendPerDayByCountry: { Usa: '1' } } })).toThrow(
      /'Usa' is no country/,
    );
  });

  it('are read in millionths', () => {
    const { caps, carrierOrder } = read({
      prices: [LINE],
      limits: { spendPerDay: '12.5', spendPerDayByCountry: { US: '10', other: '1' } },
    });
    expect(caps).toEqual({ overall: 12_500_000, byCountry: { US: 10_000_000, other: 1_000_000 } });
    expect(carrierOrder).toBe('cost');
    expect(read({})).toMatchObject({ carrierOrder: 'given', channelOrder: 'given' });
    expect(read({ prices: [LINE] })).toMatchObject({ carrierOrder: 'cost', channelOrder: 'cost' });
    expect(read({ prices: [LINE], channelOrder: 'given' })).toMatchObject({
      carrierOrder: 'cost',
      channelOrder: 'given',
    });
    expect(read({ prices: [LINE], carrierOrder: 'given' }).carrierOrder).toBe('given');
  });
});

describe('the order of carriers', () => {
  const cost = (perSend: number, perSuccess = 0) => ({ perSend, perSuccess });
  const fresh = { sends: 0, right: 0 };

  it('is that of what an answered code costs', () => {
    const poor = { name: 'poor', cost: cost(10_000), record: { sends: 1_000, right: 200 } };
    const good = { name: 'good', cost: cost(20_000), record: { sends: 1_000, right: 800 } };
    expect(cheapestFirst([poor, good])).toEqual(['good', 'poor']);
    expect(
      cheapestFirst([
        { ...poor, record: fresh },
        { ...good, record: fresh },
      ]),
    ).toEqual(['poor', 'good']);
  });

  it('counts what a success costs once, whatever the rate', () => {
    expect(costPerSuccess({ cost: cost(7_000, 50_000), record: fresh })).toBeCloseTo(60_000);
  });

  it('keeps the order given among equals, and does not leave it for a single miss', () => {
    const two = [
      { name: 'first', cost: cost(10_000), record: fresh },
      { name: 'second', cost: cost(11_000), record: fresh },
    ] as const;
    expect(cheapestFirst([two[0], { ...two[1], cost: cost(10_000) }])).toEqual(['first', 'second']);
    expect(cheapestFirst([{ ...two[0], record: { sends: 1, right: 0 } }, two[1]])).toEqual(['first', 'second']);
    expect(cheapestFirst([{ ...two[0], record: { sends: 10, right: 0 } }, two[1]])).toEqual(['second', 'first']);
  });

  it('knows no rate of 0 and none above 1', () => {
    expect(successRate({ sends: 1_000_000, right: 0 })).toBeGreaterThan(0);
    expect(successRate({ sends: 5, right: 50 })).toBeLessThanOrEqual(1);
  });
});
