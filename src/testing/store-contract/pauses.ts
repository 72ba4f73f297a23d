import assert from 'node:assert/strict';
import { type Case, does, HOUR, refuses } from './bench.js';

const limited = { reason: 'limit', index: 0 } as const;

export const pauses: readonly Case[] = [
  [
    'G09 pauses after the hit that the ladder names, and tells until when',
    async ({ store }) => {
      const hit = { key: 'k', limit: 99, waits: { 2: HOUR } };
      await does(store, 'ada', { hits: [hit] });
      const { now } = await does(store, 'ada', { hits: [hit] });
      const { retryAt } = await refuses(store, 'ada', { hits: [hit], ...limited });
      assert.equal(retryAt, now + HOUR);
    },
  ],
  [
    'goes on when the pause is over, without starting from nothing',
    async ({ store, tick, until }) => {
      const hit = { key: 'k', limit: 99, waits: { 1: tick, 2: HOUR } };
      const { now } = await does(store, 'ada', { hits: [hit] });
      await until(now + tick);
      const second = await does(store, 'ada', { hits: [hit] });
      assert.equal(second.counts[0]?.count, 2);
      const { retryAt } = await refuses(store, 'ada', { hits: [hit], ...limited });
      assert.equal(retryAt, second.now + HOUR);
    },
  ],
  [
    'is not made longer by those who knock during a pause',
    async ({ store, tick, until, isClockOurs }) => {
      const hit = { key: 'k', limit: 99, waits: { 1: 2 * tick } };
      const { now } = await does(store, 'ada', { hits: [hit] });
      await until(now + tick);
      if (isClockOurs) await refuses(store, 'ada', { hits: [hit], ...limited });
      await until(now + 2 * tick);
      await does(store, 'ada', { hits: [hit] });
    },
  ],
  [
    'says the end of the window where that comes before the end of the pause',
    async ({ store }) => {
      const hit = { key: 'k', limit: 99, windowMs: HOUR, waits: { 1: 2 * HOUR } };
      const { now } = await does(store, 'ada', { hits: [hit] });
      const { retryAt } = await refuses(store, 'ada', { hits: [hit], ...limited });
      assert.equal(retryAt, now + HOUR);
    },
  ],
  [
    'has no pause left when the hits are settled or cleared',
    async ({ store }) => {
      const hit = { key: 'k', limit: 99, waits: { 1: HOUR } };
      const { counts } = await does(store, 'ada', { hits: [hit] });
      await does(store, 'ada', { counters: [{ do: 'settle', key: 'k', upTo: counts[0]?.total ?? 0 }] });
      await does(store, 'ada', { hits: [hit] });
      await refuses(store, 'ada', { hits: [hit], ...limited });
      await does(store, 'ada', { counters: [{ do: 'clear', prefix: 'k' }] });
      await does(store, 'ada', { hits: [hit] });
    },
  ],
  [
    'does not begin the pause again with a hit that is refunded',
    async ({ store, tick, until }) => {
      const hit = { key: 'k', limit: 99, waits: { 1: tick } };
      const { now } = await does(store, 'ada', { hits: [hit] });
      await until(now + tick);
      const { counts } = await does(store, 'ada', { hits: [hit] });
      await does(store, 'ada', { counters: [{ do: 'refund', key: 'k', hit: counts[0]?.total ?? 0 }] });
      assert.equal((await does(store, 'ada', { hits: [hit] })).counts[0]?.count, 2);
    },
  ],
  [
    'moves no other counter while one pauses',
    async ({ store }) => {
      const paused = { key: 'k', limit: 99, waits: { 1: HOUR } };
      await does(store, 'ada', { hits: [paused] });
      await refuses(store, 'ada', { hits: [{ key: 'other', limit: 9 }, paused], reason: 'limit', index: 1 });
      assert.equal((await does(store, 'ada', { hits: [{ key: 'other', limit: 9 }] })).counts[0]?.count, 1);
    },
  ],
  [
    'peek: is refused during a pause, and does not make it longer',
    async ({ store, tick, until }) => {
      const hit = { key: 'k', limit: 99, waits: { 1: tick } };
      const { now } = await does(store, 'ada', { hits: [hit] });
      const locked = { ...hit, waits: { 1: HOUR }, peek: true } as const;
      const { retryAt } = await refuses(store, 'ada', { hits: [locked], ...limited });
      assert.equal(retryAt, now + HOUR);
      await until(now + tick);
      await does(store, 'ada', { hits: [{ ...hit, peek: true }] });
      assert.equal((await does(store, 'ada', { hits: [hit] })).counts[0]?.count, 2);
    },
  ],
];
