import { Passport } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import type { User, Users } from './storage/users.js';

/** The first factor: an address and a password. */
export function createPassport(users: Users): InstanceType<typeof Passport> {
  const passport = new Passport();
  passport.use(
    new LocalStrategy({ usernameField: 'email' }, (email, password, done) => {
      users.withPassword(email.trim(), password).then(
        (user) => done(null, user ?? false),
        (error: unknown) => done(error),
      );
    }),
  );
  passport.serializeUser((user, done) => done(null, (user as User).id));
  passport.deserializeUser((id, done) => {
    users.findById(id).then(
      (user) => done(null, user ?? false),
      (error: unknown) => done(error),
    );
  });
  return passport;
}
