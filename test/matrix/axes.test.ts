import { describe, expect, it } from '@jest/globals';
import { AXES, meetings, pairwise, product } from './axes.js';

describe('the combinations that are tried', () => {
  it('let every two values of two axes meet', () => {
    const met = new Set(pairwise(AXES).flatMap(meetings));
    const missing: string[] = [];
    // Not by `meetings`: two nested walks over the axes themselves.
    for (const [one, values] of Object.entries(AXES))
      for (const [other, others] of Object.entries(AXES).filter(([name]) => name > one))
        for (const value of values)
          for (const otherValue of others)
            if (!met.has(`${one} ${value} + ${other} ${otherValue}`)) missing.push(`${value} with ${otherValue}`);
    expect(missing).toEqual([]);
  });

  it('are few, always the same, and each among all there are', () => {
    const chosen = pairwise(AXES);
    expect(chosen.length).toBeLessThanOrEqual(24);
    expect(pairwise(AXES)).toEqual(chosen);
    const all = product(AXES);
    expect(all).toHaveLength(Object.values(AXES).reduce((count, values) => count * values.length, 1));
    expect(all).toEqual(expect.arrayContaining([...chosen]));
    expect(new Set(all.map((row) => JSON.stringify(row))).size).toBe(all.length);
  });
});
