import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { ERRORS, type ErrorCode } from '../../src/core/errors.js';
import { copy } from '../../src/http/copy.js';

const PAGE = new URL('../../docs/errors.md', import.meta.url);
const BEGIN = '<!-- table -->\n';
const END = '<!-- /table -->';

const codes = Object.keys(ERRORS) as ErrorCode[];

/** By status, then as in the source. */
function table(): string {
  const rows = [...codes]
    .sort((a, b) => ERRORS[a].status - ERRORS[b].status)
    .map((code) => `| \`${code}\` | ${ERRORS[code].status} | ${ERRORS[code].title} | ${copy.errors[code]({})} |`);
  return [
    '| code | status | for developers (`title`) | for people, on a page |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

it('docs/errors.md is the table of the code; UPDATE_DOCS=1 writes it anew', () => {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  const wanted = `${before}${BEGIN}${table()}${END}${after}`;
  if (process.env.UPDATE_DOCS) writeFileSync(PAGE, wanted);
  expect(readFileSync(PAGE, 'utf8')).toBe(wanted);
});

it('says of each code more than its name', () => {
  const page = readFileSync(PAGE, 'utf8').split(END)[1] ?? '';
  expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});
