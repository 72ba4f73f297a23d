/** The guides of the carriers: each code of a table is of the class it says, so that nobody looks for the wrong mistake. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { FAILURE_CLASSES } from '../../src/core/delivery.js';
import { classOfTelnyxCode } from '../../src/delivery/telnyx-errors.js';
import { classOfTwilioCode } from '../../src/delivery/twilio-errors.js';

function rowsOf(guide: string): readonly (readonly [code: number, why: string])[] {
  const text = readFileSync(new URL(`../../docs/carriers/${guide}.md`, import.meta.url), 'utf8');
  const table = text.split('## What errors mean')[1]?.split('\n## ')[0] ?? '';
  return [...table.matchAll(/^\| ([^|]+) \| `(\w+)`/gm)].flatMap(([, codes = '', why = '']) =>
    [...codes.matchAll(/\b\d{5}\b/g)].map(([code]): [number, string] => [Number(code), why]),
  );
}

/** Decided by the text beside it, or by what was asked. */
const TWILIO_BY_TEXT: Readonly<Record<number, string>> = { 60200: 'config' };

describe('the guide to Twilio', () => {
  const rows = rowsOf('twilio');

  it.each(rows)('%i is %s', (code, why) => {
    expect(TWILIO_BY_TEXT[code] ?? classOfTwilioCode(code)).toBe(why);
  });

  it('has them all', () => {
    const known = Array.from({ length: 90_000 }, (_, index) => index + 10_000).filter((code) => {
      // 605xx is a range: silent network authentication, which nobody here sends by.
      return classOfTwilioCode(code) !== undefined && !(code >= 60_500 && code < 60_600);
    });
    const told = new Set(rows.map(([code]) => code));
    expect(known.filter((code) => !told.has(code))).toEqual([]);
  });
});

describe('the guide to Telnyx', () => {
  const rows = rowsOf('telnyx');

  it.each(rows)('%i is %s', (code, why) => {
    expect(classOfTelnyxCode(String(code))).toBe(why);
  });

  it('has them all', () => {
    const known = Array.from({ length: 90_000 }, (_, index) => index + 10_000).filter((code) => {
      const why = classOfTelnyxCode(String(code));
      // 403xx is a range: the sender.
      return why !== undefined && !(why === 'config' && code >= 40_300 && code < 40_400);
    });
    const told = new Set(rows.map(([code]) => code));
    expect(known.filter((code) => !told.has(code))).toEqual([]);
  });
});

it('the table of classes has each of them', () => {
  const text = readFileSync(new URL('../../docs/carriers.md', import.meta.url), 'utf8');
  const table = text.split('## When it does not work')[1]?.split('\n## ')[0] ?? '';
  expect(FAILURE_CLASSES.filter((why) => !table.includes(`\`${why}\``))).toEqual([]);
});
