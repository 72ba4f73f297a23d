/** What a script does that is paid for texts: one account, and many numbers. For trying the limits out; only during development. */
import { randomInt } from 'node:crypto';
import type { Mfa, MfaEvent } from '../../src/index.js';
import type { Users } from '../storage/users.js';

/** `neighbours`: one block of numbers. `spread`: numbers all over a country whose money is capped. */
export const SCRIPTS = ['neighbours', 'spread'] as const;
export type Script = (typeof SCRIPTS)[number];

type SendFailed = MfaEvent<'challenge.send_failed'>;

export interface Refused {
  readonly why: SendFailed['why'];
  readonly limit?: NonNullable<SendFailed['limit']>;
  readonly times: number;
}

export interface Pumped {
  readonly asked: number;
  readonly sent: number;
  /** By the reason in the audit log. */
  readonly refused: readonly Refused[];
  readonly email: string;
  readonly userId: string;
}

const NUMBERS = 50;
const PASSWORD = 'a script needs no memory';

/** Over HTTP, through the front door of the app at `origin`. */
export async function pump(
  origin: string,
  script: Script,
  { mfa, users }: { mfa: Mfa; users: Users },
): Promise<Pumped> {
  const email = `pump${randomInt(1e9)}@example.com`;
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
  for (const phone of numbersOf(script)) {
    if ((await post('/mfa/factors/phone', { phone, channel: 'sms' })) === 201) sent += 1;
  }
  const userId = (await users.withPassword(email, PASSWORD))?.id ?? '';
  return { asked: NUMBERS, sent, refused: await refusals(mfa, userId), email, userId };
}

function numbersOf(script: Script): readonly string[] {
  if (script === 'spread') return Array.from({ length: NUMBERS }, () => `+6421${randomInt(1e6, 1e7)}`);
  const first = 1000 + randomInt(8000);
  return Array.from({ length: NUMBERS }, (_, place) => `+1303555${first + place}`);
}

async function refusals({ api }: Mfa, userId: string): Promise<readonly Refused[]> {
  const { events } = await api.audit.search({ userId, types: ['challenge.send_failed'], limit: NUMBERS });
  const counted = new Map<string, Refused>();
  for (const event of events) {
    if (event.type !== 'challenge.send_failed') continue;
    const { why, limit } = event;
    const name = limit ?? why;
    const times = (counted.get(name)?.times ?? 0) + 1;
    counted.set(name, { why, ...(limit ? { limit } : {}), times });
  }
  return [...counted.values()];
}
