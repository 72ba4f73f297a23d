/** Every send of late, as the developer inbox shows it: what went out, and, from the audit log, whose it was, how risky it looked, and what was stopped. */
import type { Mfa, MfaEvent } from '../../src/index.js';
import type { Users } from '../storage/users.js';
import type { Letter, Mailbox } from './mailbox.js';

export type Risk = Pick<MfaEvent<'risk.scored'>, 'score' | 'reasons' | 'action' | 'done'>;

type ChannelBy = NonNullable<MfaEvent<'challenge.sent'>['channelBy']>;

/** What went out. */
export interface SentLetter extends Letter {
  /** Why by this channel, where there were several. */
  readonly channelBy?: ChannelBy;
  /** The address of the account that wanted it. */
  readonly account?: string;
  /** Undefined where nothing looked risky. */
  readonly risk?: Risk;
}

/** A code that nobody paid was asked for. */
export interface StoppedSend {
  readonly at: Date;
  readonly channel: string;
  readonly account: string;
  readonly why: MfaEvent<'challenge.send_failed'>['why'];
  readonly limit?: NonNullable<MfaEvent<'challenge.send_failed'>['limit']>;
  readonly risk?: Risk;
}

export interface Sends {
  readonly messages: readonly SentLetter[];
  readonly stopped: readonly StoppedSend[];
}

const NEWEST = 200;

export async function recentSends({
  mailbox,
  mfa,
  users,
}: {
  readonly mailbox: Mailbox;
  readonly mfa: Mfa;
  readonly users: Users;
}): Promise<Sends> {
  const types = ['challenge.sent', 'challenge.send_failed', 'risk.scored'] as const;
  const [letters, { events }] = await Promise.all([mailbox.letters(), mfa.api.audit.search({ types, limit: NEWEST })]);
  const emails = await emailsOf(users, events);
  const risks = new Map(
    events.flatMap((event) =>
      event.type === 'risk.scored' && event.moment === 'send' ? [[event.requestId, riskOf(event)] as const] : [],
    ),
  );
  const chosenBy = new Map(
    events.flatMap((event) => (event.type === 'challenge.sent' ? [[event.requestId, event.channelBy] as const] : [])),
  );
  const askedBy = new Map(events.map(({ requestId, userId }) => [requestId, emails.get(String(userId))]));
  const wentOut = new Set(letters.map(({ requestId }) => requestId));
  const about = (requestId: string | undefined) => {
    const [risk, account] = requestId === undefined ? [] : [risks.get(requestId), askedBy.get(requestId)];
    return { ...(risk ? { risk } : {}), ...(account === undefined ? {} : { account }) };
  };
  return {
    messages: letters.map((letter) => {
      const channelBy = letter.requestId === undefined ? undefined : chosenBy.get(letter.requestId);
      return { ...letter, ...(channelBy ? { channelBy } : {}), ...about(letter.requestId) };
    }),
    stopped: events.flatMap((event): StoppedSend[] => {
      if (event.type !== 'challenge.send_failed' || wentOut.has(event.requestId)) return [];
      const { at, channel, why, limit, requestId, userId } = event;
      const account = emails.get(String(userId)) ?? String(userId);
      return [{ at: new Date(at), channel, why, ...(limit ? { limit } : {}), ...about(requestId), account }];
    }),
  };
}

/** By id; whoever is gone is not there. */
export async function emailsOf(users: Users, events: readonly MfaEvent[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(events.map(({ userId }) => String(userId)))];
  const found = await Promise.all(ids.map((id) => users.findById(id)));
  return new Map(found.flatMap((user) => (user ? [[user.id, user.email] as const] : [])));
}

function riskOf({ score, reasons, action, done }: Risk): Risk {
  return { score, reasons, action, done };
}
