const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

export function day(when: Date | number): string {
  return `${DAY.format(when)} UTC`;
}

const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'medium', timeZone: 'UTC' });

/** With seconds, where things happen fast. */
export function moment(when: Date | number): string {
  return `${MOMENT.format(when)} UTC`;
}
