import type { NewEvent } from '../core/events.js';
import { network } from '../core/network.js';
import type { Hit } from '../core/store.js';
import type { RequestFacts, SignInRisk, Subject } from '../core/words.js';
import { type RiskFacts, riskAction, riskScore } from '../policy/risk.js';
import { type Account, accountFrom, accountRefs } from './account.js';
import { askInTime } from './ask-in-time.js';
import { assessRisk, type RiskCheck } from './assess-risk.js';
import type { FlowDeps } from './deps.js';
import { NETWORK, placesKnown } from './known-networks.js';

const WINDOW_MS = 10 * 60_000;
const COUNTED = { limit: Number.MAX_SAFE_INTEGER, windowMs: WINDOW_MS } as const;

/** What was seen while the first factor was right. */
export interface SeenSignIn {
  readonly account: Account;
  readonly facts: RiskFacts;
}

/** Counts the sign-in, and reads the account in the same step. Addresses are strangers' and have a partition each. */
export async function seeSignIn(
  deps: FlowDeps,
  risk: RiskCheck,
  subject: Subject,
  { ip, userAgent }: RequestFacts,
): Promise<SeenSignIn> {
  const at = deps.clock();
  const [mine, ofAddress, country] = await Promise.all([
    countOwn(deps, subject),
    ip === undefined ? undefined : countAddress(deps, ip),
    ip === undefined ? undefined : countryFrom(deps, risk, ip),
  ]);
  const { account, networks, ofUser, wrongAnswers } = mine;
  return {
    account,
    facts: {
      moment: 'sign-in',
      at,
      userId: subject.id,
      user: subject.user,
      ...(ip === undefined ? {} : { ip }),
      ...(userAgent === undefined ? {} : { userAgent }),
      signIns: { ofUser, ...(ofAddress === undefined ? {} : { ofAddress }) },
      wrongAnswers,
      ...(country === undefined ? {} : { country }),
      ...placesKnown(deps, subject, networks, { ip, country }),
    },
  };
}

/** What follows, for whom: `strong` are the stronger kinds this user has. What is asked for must be there to be given. */
export async function judgeSignIn(
  deps: FlowDeps,
  risk: RiskCheck,
  { facts }: SeenSignIn,
  can: { readonly strong: readonly string[]; readonly challenge: boolean },
): Promise<{ readonly risk: SignInRisk; readonly news: readonly NewEvent[]; readonly refused: boolean }> {
  const { score, reasons } = riskScore(await assessRisk(deps, risk, facts));
  const action = riskAction(score, risk.thresholds);
  const stronger = action === 'stronger' && can.challenge && can.strong.length > 0;
  const outcome = action === 'refuse' ? 'refuse' : stronger ? 'stronger' : 'allow';
  const done = risk.dryRun ? 'allow' : outcome;
  const { country } = facts;
  return {
    risk: {
      score,
      reasons,
      ...(done === 'stronger' ? { kinds: can.strong } : {}),
      ...(country === undefined ? {} : { country }),
    },
    news: riskNews('sign-in', { score, reasons }, { action, done, dryRun: risk.dryRun }),
    refused: done === 'refuse',
  };
}

/** Nothing seen is nothing to write down. */
export function riskNews(
  moment: 'sign-in' | 'send',
  { score, reasons }: Pick<SignInRisk, 'score' | 'reasons'>,
  what: Pick<NewEvent<'risk.scored'>, 'action' | 'done' | 'dryRun'>,
): readonly NewEvent<'risk.scored'>[] {
  return reasons.length === 0 ? [] : [{ type: 'risk.scored', moment, score, reasons, ...what }];
}

async function countOwn(deps: FlowDeps, subject: Subject) {
  const kinds = [...deps.factors.keys()];
  const wrong = kinds.map((kind): Hit => ({ key: `wrong:${kind}`, limit: COUNTED.limit, peek: true }));
  const refs = accountRefs({ kind: 'pending' });
  const done = await deps.store.commit(subject.owner, {
    hits: [{ key: 'sign-ins', ...COUNTED }, ...wrong],
    reads: [...refs, NETWORK],
  });
  // Without conditions and limits nothing can refuse it.
  if (!done.ok) throw new Error('express-mfa: a count without a limit was refused.');
  const [signIn, ...standing] = done.counts;
  return {
    account: accountFrom(subject, done.records),
    networks: done.records[refs.length] ?? [],
    ofUser: signIn?.count ?? 0,
    wrongAnswers: Math.max(0, ...standing.map(({ count }) => count)),
  };
}

async function countAddress(deps: FlowDeps, ip: string): Promise<number | undefined> {
  const done = await deps.store.commit(`sign-ins:${network(ip)}`, { hits: [{ key: 'sign-ins', ...COUNTED }] });
  return done.ok ? done.counts[0]?.count : undefined;
}

async function countryFrom(
  { report }: Pick<FlowDeps, 'report'>,
  { countryOf, timeoutMs }: RiskCheck,
  ip: string,
): Promise<string | undefined> {
  const said: unknown = countryOf && (await askInTime(() => countryOf(ip), { timeoutMs, report }));
  return typeof said === 'string' && /^[A-Za-z]{2}$/.test(said) ? said.toUpperCase() : undefined;
}
