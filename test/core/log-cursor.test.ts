import { expect, it } from '@jest/globals';
import { cursorOf, pageSize, placeOf } from '../../src/core/log-cursor.js';

it('finds the place again', () => {
  for (const id of ['', 'a', '👩‍🚀', 'a\0b', 'x"]']) expect(placeOf(cursorOf({ at: 7, id }))).toEqual({ at: 7, id });
});

it('is made of letters that need no escaping in a link', () => {
  expect(cursorOf({ at: 1, id: '>>>???' })).toMatch(/^[\w-]+$/);
});

it('refuses what it never wrote, as a bad request', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const cursor of ['', '{}', encode({}), encode([1]), encode(['1', 'a']), encode([1, 2])]) {
    expect(() => placeOf(cursor)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  }
});

it('keeps page sizes between 1 and 500, whole, 50 unless asked', () => {
  const sizes = [{}, { limit: 7.9 }, { limit: -1 }, { limit: 9999 }].map(pageSize);
  expect(sizes).toEqual([50, 7, 1, 500]);
});
