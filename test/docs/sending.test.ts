/** The table of fraud limits says what the code does. */
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { readLimits } from '../../src/options/limits.js';

const text = readFileSync(new URL('../../docs/sending.md', import.meta.url), 'utf8');
const limits = readLimits({});
const { prefix, country } = limits.conversion ?? {};
const percent = (share = 0) => `${share * 100} %`;

/** The default of the row that begins with this limit. */
function presetOf(limit: string): string {
  return new RegExp(`^\\| \`${limit}\`[^|]*\\| ([^|]*) \\|`, 'm').exec(text)?.[1] ?? '';
}

it.each([
  ['resend', limits.resendWaitsMs.map((ms) => `${ms / 1_000} s`).join(', ')],
  ['user', `${limits.sendsPerUserHour} an hour`],
  ['neighbours', `${limits.numbersPerRun} numbers of 14 neighbours`],
  ['conversion', `below ${percent(prefix?.share)} of ${prefix?.sends} numbers in an hour`],
  ['conversion', `below ${percent(country?.share)} of ${country?.sends}`],
  ['conversion', `${(limits.conversion?.blockMs ?? 0) / 3_600_000} h`],
  [
    'number',
    `${limits.sendsPerNumber10Min} in 10 min, ${limits.sendsPerNumberHour} an hour, ${limits.sendsPerNumberDay} a day`,
  ],
  ['prefix', `${limits.sendsPerPrefix10Min} in 10 min, ${limits.sendsPerPrefixHour} an hour`],
  ['day', `${limits.sendsPerDay.toLocaleString('en')} a day`],
  ['ip', `${limits.sendsPerIpHour} an hour`],
])('%s: %s', (limit, preset) => {
  expect(presetOf(limit)).toContain(preset);
});

it('and how many accounts may have one number', () => {
  expect(text).toContain(`\`accountsPerNumber\`: ${limits.accountsPerNumber} by default`);
});
