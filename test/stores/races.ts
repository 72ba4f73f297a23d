/** Two processes that commit at the same moment, many times: cases for SQLite, Redis and PostgreSQL (`*-processes.test.ts`). */
import { expect, it } from '@jest/globals';
import type { Commit, Store } from '../../src/core/store.js';

export interface Racing {
  store(): Store;
  owner(): string;
  /** How often each process does its step. */
  readonly times: number;
  /** Both at once, the first of them the first step; how often each was ok. */
  race(...steps: readonly Commit[]): Promise<readonly number[]>;
}

const HOUR = 3_600_000;

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

export function racesOfTwo({ store, owner, times, race }: Racing): void {
  it('G02 count every hit of both', async () => {
    const hit = { key: 'k', limit: 10_000 };
    expect(await race({ hits: [hit] })).toEqual([times, times]);
    expect(await store().commit(owner(), { hits: [hit] })).toMatchObject({ counts: [{ count: 2 * times + 1 }] });
  });

  it('G02 admit no more than the limit between them', async () => {
    expect(sum(await race({ hits: [{ key: 'k', limit: 7, windowMs: HOUR }] }))).toBe(7);
  });

  it('G02 move all of several counters or none, named in either order', async () => {
    const hits = [
      { key: 'a', limit: 40 },
      { key: 'b', limit: 30 },
    ];
    expect(sum(await race({ hits }, { hits: hits.toReversed() }))).toBe(30);
    const peeks = hits.map((hit) => ({ ...hit, limit: 99, peek: true }) as const);
    expect(await store().commit(owner(), { hits: peeks })).toMatchObject({ counts: [{ count: 30 }, { count: 30 }] });
  });

  it('G07 have one winner where a record may be put once', async () => {
    expect(sum(await race({ writes: [{ do: 'put', kind: 'x', id: 'a', data: null, if: 'absent' }] }))).toBe(1);
  });

  it('G07 have one winner where a code may be used once', async () => {
    await store().commit(owner(), { writes: [{ do: 'put', kind: 'code', id: 'a', data: null, ttlMs: HOUR }] });
    expect(sum(await race({ writes: [{ do: 'delete', kind: 'code', id: 'a', if: 'present' }] }))).toBe(1);
  });

  it('G08 have one winner where a step may be used once', async () => {
    await store().commit(owner(), { writes: [{ do: 'put', kind: 'totp', id: 'a', data: null }] });
    expect(sum(await race({ writes: [{ do: 'raise', kind: 'totp', id: 'a', to: 57_000_000 }] }))).toBe(1);
  });

  it('lose no bump, no version and no log row', async () => {
    await race({
      writes: [
        { do: 'bump', kind: 'epoch', id: 'e' },
        { do: 'put', kind: 'x', id: 'a', data: null },
      ],
      log: [{ id: '*', at: 1, type: 't', owner: owner(), data: null }],
    });
    const [epochs, things] = await store().read(owner(), [{ kind: 'epoch' }, { kind: 'x' }]);
    expect([epochs?.[0]?.mark, things?.[0]?.version]).toEqual([2 * times, 2 * times]);
    expect((await store().scan({ owner: owner(), limit: 500 })).rows).toHaveLength(2 * times);
  });

  it('keep to `atMost` between them', async () => {
    const device = (id: string): Commit => ({ writes: [{ do: 'put', kind: 'device', id, data: null, atMost: 1 }] });
    await race(device('of one'), device('of the other'));
    expect((await store().read(owner(), [{ kind: 'device' }]))[0]).toHaveLength(1);
  });
}
