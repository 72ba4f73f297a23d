import { expect, it } from '@jest/globals';
import type { PhoneType } from '../../src/core/phone-numbers.js';
import { reaches } from '../../src/policy/lines.js';

const TEXTS: readonly PhoneType[] = ['mobile', 'mobile-or-landline'];

it.each<[PhoneType, readonly PhoneType[], boolean]>([
  ['mobile', TEXTS, true],
  ['landline', TEXTS, false],
  ['voip', TEXTS, false],
  ['voip', [...TEXTS, 'voip'], true],
  ['personal', TEXTS, false],
  ['mobile-or-landline', TEXTS, true],
  ['mobile', ['mobile-or-landline'], true],
  ['landline', ['mobile-or-landline'], false],
  ['mobile-or-landline', ['mobile'], true],
  ['mobile-or-landline', ['landline'], true],
  ['mobile-or-landline', ['voip'], false],
])('a line that is %s, where %j are taken: %p', (line, taken, is) => {
  expect(reaches((type) => taken.includes(type), line)).toBe(is);
});
