import { expect, it } from '@jest/globals';
import { askInTime } from '../../src/flows/ask-in-time.js';

const errors: unknown[] = [];
const inTime = { timeoutMs: 20, report: (error: unknown) => void errors.push(error) };

/** A query of some database library: no promise, and can be awaited. */
function thenable(settle: (done: (value: string) => void) => void) {
  const query: object = Object.defineProperty({}, 'then', { value: settle });
  return query as PromiseLike<string>;
}

it.each<[string, () => string | PromiseLike<string>, string | undefined]>([
  ['a plain answer', () => 'DE', 'DE'],
  ['a promise', async () => 'DE', 'DE'],
  ['something that can be awaited', () => thenable((done) => done('DE')), 'DE'],
  ['a promise that is never kept', () => new Promise(() => {}), undefined],
  ['something that can be awaited for ever', () => thenable(() => {}), undefined],
  ['a promise that is broken', () => Promise.reject(new Error('down')), undefined],
])('%s', async (_, ask, said) => {
  expect(await askInTime(ask, inTime)).toBe(said);
});

it('tells the host what was thrown', async () => {
  errors.length = 0;
  const down = new Error('down');
  await askInTime(() => {
    throw down;
  }, inTime);
  expect(errors).toEqual([down]);
});
