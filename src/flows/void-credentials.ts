/** What the host or an admin says about a user from outside any sign-in. */
import type { EventType, NewEvent } from '../core/events.js';
import type { CounterWrite, Write } from '../core/store.js';
import type { Subject } from '../core/words.js';
import { type Account, EPOCH, readOwner } from './account.js';
import type { FlowDeps, Said } from './deps.js';
import { dropEverything, dropOpenQuestions } from './drop-everything.js';
import { releaseNumbers } from './number-holders.js';
import { say } from './say.js';

export interface By {
  /** The admin or system that did it; kept in the audit log. */
  readonly actor?: string;
}

/** The password changed, the account was disabled or moved: every proof, pending sign-in and open challenge of the user is void from now on. */
export async function credentialsChanged(deps: FlowDeps, subject: Subject, by: By = {}): Promise<void> {
  await voidAll(deps, subject, by, dropOpenQuestions(), { type: 'credentials.changed' });
}

/** All factors gone, all counters cleared, all or nothing; doing it again changes nothing more. At the next sign-in policy decides what happens. */
export async function resetUser(
  deps: FlowDeps,
  subject: Subject,
  options: By & { readonly reason: string },
): Promise<void> {
  const counters = [{ do: 'clear', prefix: 'wrong:' }] as const;
  const reset = { type: 'mfa.reset', reason: options.reason } as const;
  await voidAll(deps, subject, options, dropEverything(), reset, counters, async (_, { enrolments }) => {
    await releaseNumbers(deps, subject, enrolments);
  });
}

/** Opens a lock before its time. */
export async function unlockUser(
  deps: FlowDeps,
  subject: Subject,
  options: By & { readonly factor?: string } = {},
): Promise<void> {
  const { factor } = options;
  // Settled rather than cleared: `wrong:sms` is also how `wrong:sms-pro` begins.
  const counters: readonly CounterWrite[] =
    factor === undefined
      ? [{ do: 'clear', prefix: 'wrong:' }]
      : [{ do: 'settle', key: `wrong:${factor}`, upTo: Number.MAX_SAFE_INTEGER }];
  const said = say(deps, { subject, ...options }, [
    { type: 'user.unlocked', ...(factor === undefined ? {} : { factor }) },
  ]);
  await deps.store.commit(subject.owner, {
    counters,
    log: said.rows,
  });
  deps.publish(said.events);
}

/** One commit that ends everything issued so far, whatever else it does; `after` runs between it and the telling. */
export async function voidAll(
  deps: FlowDeps,
  subject: Subject,
  by: By,
  writes: readonly Write[],
  fact: NewEvent & { type: EventType },
  counters: readonly CounterWrite[] = [],
  after: (said: Said, before: Account) => Promise<void> = async () => undefined,
): Promise<void> {
  // The epoch may move between the read and the commit; the condition sees it, and the next round starts from the new one.
  for (let round = 0; round < 5; round += 1) {
    const before = await readOwner(deps, subject);
    const { epoch } = before;
    const said = say(deps, { subject, ...by }, [fact], epoch + 1);
    const done = await deps.store.commit(subject.owner, {
      writes: [{ do: 'check', ...EPOCH, if: { mark: epoch } }, ...writes, { do: 'bump', ...EPOCH }],
      counters,
      log: said.rows,
    });
    if (!done.ok) continue;
    deps.noteEpoch(subject.owner, epoch + 1);
    await after(said, before);
    deps.publish(said.events);
    await deps.ask.endSessions(subject.id, fact.type);
    return;
  }
  throw new Error('express-mfa: the user changed too often at this moment.');
}
