import type { PhoneType } from '../core/phone-numbers.js';

/** Whether a line is of a type that is taken. Who takes numbers that may be mobile or not takes mobile ones; that such a one is a landline is known only now. */
export function reaches(takes: (type: PhoneType) => boolean, line: PhoneType): boolean {
  if (takes(line)) return true;
  if (line === 'mobile') return takes('mobile-or-landline');
  return line === 'mobile-or-landline' && (takes('mobile') || takes('landline'));
}
