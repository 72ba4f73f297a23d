/** Ways into a host that need no second factor by themselves: every one of them must end at the gate. */
import type { Express, Request, RequestHandler, Response } from 'express';
import type { Passport } from 'passport';
import { Strategy } from 'passport-strategy';
import type { Test } from 'supertest';
import type { TestUser } from './host.js';
import { PASSWORD } from './host.js';
import type { Person } from './person.js';

type Users = Map<string, TestUser>;

export interface Door {
  readonly name: string;
  /** What happens to a user with a factor: the sign-in waits, or there is nothing to wait in. */
  readonly ends: 'parked' | 'refused';
  install(app: Express, host: { passport: InstanceType<typeof Passport>; users: Users }): void;
  knock(person: Person): Test;
}

/** A strategy out of one function. */
export class Ad extends Strategy {
  readonly name: string;
  private readonly decide: (req: Request, on: Ad) => void;

  constructor(name: string, decide: (req: Request, on: Ad) => void) {
    super();
    this.name = name;
    this.decide = decide;
  }

  override authenticate(req: Request): void {
    this.decide(req, this);
  }
}

/** Says whom the app believes to be there. */
export const whoIsIt: RequestHandler = (req: Request, res: Response) =>
  void res.json({ believed: (req.user as TestUser | undefined)?.id ?? null, authenticated: req.isAuthenticated() });

function byEmail(users: Users, email: unknown): TestUser | undefined {
  return [...users.values()].find((one) => one.email === email);
}

const checked = (users: Users, { body }: Request) => {
  const user = byEmail(users, body?.username);
  return user?.password === body?.password ? user : undefined;
};

/** Reads the name out of a header and believes it, as a token would be believed. */
const headerStrategy = (name: string, header: string, users: Users) =>
  new Ad(name, (req, on) => {
    const user = byEmail(users, req.get(header));
    if (user) on.success(user);
    else on.pass();
  });

const withPassword = (person: Person) => ({ username: person.user.email, password: PASSWORD });

export const doors: readonly Door[] = [
  {
    name: 'the local strategy',
    ends: 'parked',
    install: (app, { passport }) => app.post('/door', passport.authenticate('local'), whoIsIt),
    knock: (person) => person.post('/door', withPassword(person)),
  },
  {
    name: 'a custom callback and req.logIn(user, cb)',
    ends: 'parked',
    install: (app, { passport }) =>
      app.post('/door', (req, res, next) => {
        const answered = (_error: unknown, user: Express.User) =>
          req.logIn(user, (error) => (error ? next(error) : whoIsIt(req, res, next)));
        passport.authenticate('local', answered)(req, res, next);
      }),
    knock: (person) => person.post('/door', withPassword(person)),
  },
  {
    name: 'req.login(user, cb), the other name',
    ends: 'parked',
    install: (app, { users }) =>
      app.post('/door', (req, res, next) => {
        const user = checked(users, req);
        if (!user) return void res.sendStatus(401);
        req.login(user, (error) => (error ? next(error) : whoIsIt(req, res, next)));
      }),
    knock: (person) => person.post('/door', withPassword(person)),
  },
  {
    name: 'req.logIn(user, options, cb)',
    ends: 'parked',
    install: (app, { users }) =>
      app.post('/door', (req, res, next) => {
        const user = checked(users, req);
        if (!user) return void res.sendStatus(401);
        req.logIn(user, { session: true, keepSessionInfo: true }, (error) =>
          error ? next(error) : whoIsIt(req, res, next),
        );
      }),
    knock: (person) => person.post('/door', withPassword(person)),
  },
  {
    name: 'an OAuth callback',
    ends: 'parked',
    install: (app, { passport, users }) => {
      passport.use(
        new Ad('oauth', (req, on) => {
          const user = byEmail(users, req.query.code);
          if (user) on.success(user);
          else on.redirect('https://idp.example/authorize');
        }),
      );
      app.get('/door', passport.authenticate('oauth'), whoIsIt);
    },
    knock: (person) => person.get(`/door?code=${person.user.email}`),
  },
  {
    name: 'a remember-me strategy',
    ends: 'parked',
    install: (app, { passport, users }) => {
      passport.use(headerStrategy('remember-me', 'x-remember', users));
      app.get('/door', passport.authenticate('remember-me'), whoIsIt);
    },
    knock: (person) => person.get('/door').set('x-remember', person.user.email),
  },
  {
    name: 'a strategy with `session: false`',
    ends: 'refused',
    install: (app, { passport }) => app.post('/door', passport.authenticate('local', { session: false }), whoIsIt),
    knock: (person) => person.post('/door', withPassword(person)),
  },
  {
    name: 'Basic',
    ends: 'refused',
    install: (app, { passport, users }) => {
      passport.use(
        new Ad('basic', (req, on) => {
          const given = Buffer.from(req.get('authorization')?.slice(6) ?? '', 'base64').toString();
          const user = byEmail(users, given.split(':')[0]);
          if (user && given === `${user.email}:${user.password}`) on.success(user);
          else on.fail('Basic realm="Acme"', 401);
        }),
      );
      app.get('/door', passport.authenticate('basic', { session: false }), whoIsIt);
    },
    knock: (person) => person.get('/door').auth(person.user.email, PASSWORD),
  },
  {
    name: 'Bearer',
    ends: 'refused',
    install: (app, { passport, users }) => {
      passport.use(headerStrategy('bearer', 'x-token', users));
      app.get('/door', passport.authenticate('bearer', { session: false }), whoIsIt);
    },
    knock: (person) => person.get('/door').set('x-token', person.user.email),
  },
];
