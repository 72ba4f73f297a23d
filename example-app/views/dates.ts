const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

export function day(when: Date | number): string {
  return `${DAY.format(when)} UTC`;
}
