/** People whose requests go to another process: all of a host they need is its address, a clock and who they are. */
import { inbox } from '../../src/index.js';
import { PASSWORD, type TestClock, type TestHost, type TestUser } from './host.js';
import { Person } from './person.js';

interface Place {
  readonly url: string;
}

/** The process must know the user; what arrived there is asked of it. */
export function personAt({ url }: Place, clock: TestClock, name: string): Person {
  const users = new Map<string, TestUser>();
  function addUser(called: string): TestUser {
    const user = { id: `user-${called}`, email: `${called}@acme.example`, password: PASSWORD };
    users.set(user.id, user);
    return user;
  }
  return new Person({ app: url, clock, users, addUser, inbox: inbox() } as unknown as TestHost, name);
}

/** The same browser, at another process. */
export function moved(person: Person, place: Place): Person {
  const same = inNewBrowser(person, place);
  same.agent.jar = person.agent.jar;
  return same;
}

/** The same person in a new browser, at that process. */
export function inNewBrowser(person: Person, place: Place): Person {
  const { secret, backupCodes, factorId } = person;
  const again = personAt(place, person.host.clock, person.user.id.replace('user-', ''));
  return Object.assign(again, { secret, backupCodes, factorId });
}
