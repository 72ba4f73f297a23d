/** What a script does that is paid for texts: one account, and numbers next to one another. For trying the limits out; only during development. */
import { randomInt } from 'node:crypto';
import type { Mfa } from '../src/index.js';
import type { Users } from './storage/users.js';

export interface Pumped {
  readonly asked: number;
  readonly sent: number;
  /** How often each limit of the audit log said no. */
  readonly refused: Readonly<Record<string, number>>;
  readonly email: string;
}

const NUMBERS = 50;
const PASSWORD = 'a script needs no memory';

/** Over HTTP, through the front door of the app at `origin`. */
export async function pump(origin: string, { mfa, users }: { mfa: Mfa; users: Users }): Promise<Pumped> {
  const email = `pump${randomInt(1e9)}@example.com`;
  const first = 1000 + randomInt(8000);
  let cookie = '';
  const post = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json', cookie };
    const answer = await fetch(new URL(path, origin), { method: 'POST', headers, body: JSON.stringify(body) });
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    await answer.arrayBuffer();
    return answer.status;
  };
  await post('/signup', { email, password: PASSWORD });
  let sent = 0;
  for (let number = 0; number < NUMBERS; number += 1) {
    const status = await post('/mfa/factors/sms', { phone: `+1303555${first + number}` });
    if (status === 201) sent += 1;
  }
  const user = await users.withPassword(email, PASSWORD);
  const { events } = await mfa.api.audit.search({ userId: user?.id ?? '', limit: 100 });
  const refused: Record<string, number> = {};
  for (const event of events) {
    if (event.type !== 'challenge.send_failed') continue;
    const why = event.limit ?? event.why;
    refused[why] = (refused[why] ?? 0) + 1;
  }
  return { asked: NUMBERS, sent, refused, email };
}
