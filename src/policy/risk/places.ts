import type { RiskSignal } from '../risk.js';

/** Phones change networks all day, so by itself it says little. */
export const newNetwork: RiskSignal = {
  name: 'new-network',
  weight: 0.25,
  look: ({ network }) => strengthOf(network),
};

export const newCountry: RiskSignal = {
  name: 'new-country',
  weight: 0.4,
  look: ({ countryIs }) => strengthOf(countryIs),
};

function strengthOf(place: 'known' | 'new' | undefined): number | undefined {
  return place === undefined ? undefined : Number(place === 'new');
}
