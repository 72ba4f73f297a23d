import { describe, expect, it } from '@jest/globals';
import type { Request } from 'express';
import { ownMethod, readLogInArguments } from '../../src/session/own-log-in.js';

type AnyFunction = (...args: unknown[]) => unknown;
const names = ['logIn', 'login'] as const;

describe('a method of the request that is owned', () => {
  it('reads as missing until Passport has assigned its own, so that every version of Passport does assign it', () => {
    const req = {} as Request;
    const ours: AnyFunction = () => 'ours';
    const theirs: AnyFunction = () => 'theirs';
    const owned = ownMethod(req, [...names], ours);
    expect([req.logIn, req.login, owned.original()]).toEqual([undefined, undefined, undefined]);
    // As Passport 0.5 to 0.7 do on every request they see.
    const target = req as unknown as Record<string, unknown>;
    for (let time = 0; time < 2; time += 1) {
      target.logIn = target.logIn || theirs;
      target.login = target.logIn;
    }
    expect([req.logIn, req.login, owned.original()]).toEqual([ours, ours, theirs]);
  });

  it('takes over what is on the prototype, where Passport 0.4 keeps it', () => {
    const theirs: AnyFunction = () => 'theirs';
    const req = Object.create({ logIn: theirs, login: theirs }) as Request;
    const ours: AnyFunction = () => 'ours';
    expect(ownMethod(req, [...names], ours).original()).toBe(theirs);
    expect([req.logIn, req.login]).toEqual([ours, ours]);
  });

  it('cannot be taken back, deleted or owned twice', () => {
    const req = { logIn: () => 'theirs' } as unknown as Request;
    const ours: AnyFunction = () => 'ours';
    ownMethod(req, [...names], ours);
    expect(() => Object.defineProperty(req, 'login', { value: () => 'bypassed' })).toThrow(TypeError);
    expect(() => delete (req as { logIn?: unknown }).logIn).toThrow(TypeError);
    expect(() => ownMethod(req, [...names], ours)).toThrow(/two gates/);
    expect(req.logIn).toBe(ours);
  });
});

describe('the arguments of a log-in', () => {
  const user = { id: 1 };
  const done = () => undefined;
  it.each([
    [[user, done], { user, options: {}, done }],
    [[user, { session: false }, done], { user, options: { session: false }, done }],
    [[user, undefined, done], { user, options: {}, done }],
    [[user, null, done], { user, options: {}, done }],
    [[user], { user, options: {} }],
    [[user, { keepSessionInfo: true }], { user, options: { keepSessionInfo: true } }],
  ])('%j are those of Passport', (args, read) => {
    expect(readLogInArguments(args)).toEqual(read);
  });
});
