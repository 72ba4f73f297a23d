import { describe, expect, it } from '@jest/globals';
import type { Request } from 'express';
import { ownableMethod, readLogInArguments } from '../../src/session/own-log-in.js';

type AnyFunction = (...args: unknown[]) => unknown;
const logIns = ownableMethod(['logIn', 'login']);

describe('a method of the request that is owned', () => {
  it('reads as missing until Passport has assigned its own, so that every version of Passport does assign it', () => {
    const req = {} as Request;
    const ours: AnyFunction = () => 'ours';
    const theirs: AnyFunction = () => 'theirs';
    const owned = logIns.own(req, ours);
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
    expect(logIns.own(req, ours).original()).toBe(theirs);
    expect([req.logIn, req.login]).toEqual([ours, ours]);
  });

  it('is kept apart from that of every other request, and holds for what is made from its own', () => {
    const [first, second] = [{} as Request, {} as Request];
    const ours: AnyFunction = () => 'ours';
    const owned = [logIns.own(first, ours), logIns.own(second, () => 'of the second')];
    const derived = Object.create(first) as unknown as Record<string, unknown>;
    const theirs: AnyFunction = () => 'theirs';
    derived.logIn = theirs;
    expect(owned.map((one) => one.original())).toEqual([theirs, undefined]);
    expect([first.logIn, derived.login, second.logIn]).toEqual([ours, ours, undefined]);
  });

  it('cannot be taken back, deleted or owned twice', () => {
    const req = { logIn: () => 'theirs' } as unknown as Request;
    const ours: AnyFunction = () => 'ours';
    logIns.own(req, ours);
    expect(() => Object.defineProperty(req, 'login', { value: () => 'bypassed' })).toThrow(TypeError);
    expect(() => delete (req as { logIn?: unknown }).logIn).toThrow(TypeError);
    expect(() => logIns.own(req, ours)).toThrow(/two gates/);
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
