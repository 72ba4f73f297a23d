/** docs/security.md names a test for each case; it must be there, with the case in a title. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const page = readFileSync('docs/security.md', 'utf8');
const cases = [...page.matchAll(/^\| ([A-Z]\d\d) \|.*\| (.*) \|$/gm)].map(([, id = '', shown = '']) => ({
  id,
  files: [...shown.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
}));

describe('docs/security.md', () => {
  it('lists cases, each once', () => {
    expect(cases.length).toBeGreaterThan(50);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });

  it.each(cases)('names tests of $id that are there', ({ id, files }) => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect([file, existsSync(file)]).toEqual([file, true]);
      expect([file, new RegExp(`\\b${id}\\b`).test(readFileSync(file, 'utf8'))]).toEqual([file, true]);
    }
  });

  it('leads to pages that are there', () => {
    const pages = [...page.matchAll(/\]\(([\w./-]+\.md)\)/g)].map(([, to = '']) => `docs/${to}`);
    expect(pages.filter((to) => !existsSync(to))).toEqual([]);
  });
});
