import { describe, expect, it } from '@jest/globals';
import { eventId } from '../../src/core/event-id.js';

const AT = Date.UTC(2026, 10, 21);

describe('ids of events', () => {
  it('are UUIDs of version 7 that carry the time', () => {
    const id = eventId(AT + 60_000_000);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(AT + 60_000_000);
  });

  it('sort in the order they were made, also ten thousand in one millisecond and when the clock steps back', () => {
    const made = Array.from({ length: 10_000 }, (_, index) => eventId(AT + 60_000_000 - (index % 3)));
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });
});
