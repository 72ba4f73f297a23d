import type { Channel, FailureClass } from '../core/delivery.js';
import { type Refusal, refuse } from '../core/errors.js';
import type { Sending } from '../core/factor.js';
import { readPhone } from '../core/phone-numbers.js';
import { reaches } from '../policy/lines.js';
import { type RiskAction, type RiskFacts, riskAction, riskScore } from '../policy/risk.js';
import { type Account, type Asking, kindsOf, usableEnrolments, visitorHolds } from './account.js';
import { policyOn } from './allowed-factors.js';
import { assessRisk, type RiskCheck } from './assess-risk.js';
import type { CountedSend } from './count-send.js';
import type { FlowDeps } from './deps.js';
import { lookUpNumber } from './look-up-number.js';
import { passCaptcha } from './pass-captcha.js';
import { isPhone } from './places.js';
import { riskNews } from './risk-of-sign-in.js';
import { sayNow } from './say.js';

/** Factors of at least this strength count as stronger than a code that is sent. */
const STRONG = 50;

/** A send that has its place in the budgets. */
export interface SendToAdmit {
  readonly account: Pick<Account, 'subject' | 'enrolments' | 'pending'>;
  readonly to: Sending;
  readonly channel: Channel;
  readonly counted: Pick<CountedSend, 'own' | 'shared'>;
  readonly settingUp: boolean;
}

export type Admitted = { readonly ok: true } | (Refusal & { readonly why: FailureClass | 'risk' | 'captcha' });

/** The last question before a code is paid for. Without `risk` and `captcha` it costs nothing. */
export async function admitSend(deps: FlowDeps, asking: Asking, send: SendToAdmit): Promise<Admitted> {
  const { captcha, risk } = deps;
  const pass = async (): Promise<Admitted> => {
    const refusal = await passCaptcha(deps, asking, { subject: send.account.subject, before: 'send' });
    return refusal ? { ...refusal, why: 'captcha' } : { ok: true };
  };
  // Where everybody is asked, before a lookup is paid for.
  const always = captcha?.when === 'sends';
  const passed: Admitted = always ? await pass() : { ok: true };
  if (!passed.ok || !risk) return passed;
  const facts = await factsOf(deps, risk, asking, send);
  if (!risk.dryRun && isStrangeLine(send, facts))
    return { ...refuse('destination_refused'), why: facts.line === 'landline' ? 'landline' : 'blocked' };
  const done = await judgeSend(deps, risk, asking, send, facts);
  if (done === 'refuse' || done === 'stronger') return { ...refuse('destination_refused'), why: 'risk' };
  return done === 'captcha' && !always ? await pass() : passed;
}

/** Looked up, it is of a type that its channel is not for. Only while it is set up: who has proved that codes arrive is not locked out by somebody's table of lines. */
function isStrangeLine({ settingUp, to, channel }: SendToAdmit, { line }: RiskFacts): boolean {
  return settingUp && line !== undefined && !reaches((type) => to.takes?.(channel, type) !== false, line);
}

/** Kinds that are no codes on their way, strongest first. */
export function strongKinds(deps: Pick<FlowDeps, 'factors'>, kinds: readonly string[]): readonly string[] {
  return [...new Set(kinds)].filter((kind) => (deps.factors.get(kind)?.strength ?? 0) >= STRONG);
}

async function judgeSend(
  deps: FlowDeps,
  risk: RiskCheck,
  asking: Asking,
  send: SendToAdmit,
  facts: RiskFacts,
): Promise<RiskAction> {
  const { subject, pending } = send.account;
  const seen = await assessRisk(deps, risk, facts);
  // What the first factor looked like still counts.
  const scored = riskScore([...(pending?.risk?.reasons ?? []), ...seen]);
  const action = riskAction(scored.score, risk.thresholds);
  const done = risk.dryRun ? 'allow' : await possible(deps, action, send);
  const news = riskNews('send', scored, { action, done, dryRun: risk.dryRun });
  if (news.length > 0) await sayNow(deps, { subject, facts: asking.facts }, news);
  return done;
}

/** Never a dead end: who has nothing stronger is asked for a captcha, and where there is none, it is written down and goes on. */
async function possible(deps: FlowDeps, action: RiskAction, { account }: SendToAdmit): Promise<RiskAction> {
  const { captcha } = deps;
  if (action === 'allow' || action === 'refuse') return action;
  if (action === 'stronger') {
    const { allows } = await policyOn(deps, account.subject.user);
    const kinds = kindsOf(usableEnrolments(deps, account.enrolments, allows));
    if (strongKinds(deps, kinds).length > 0) return 'stronger';
  }
  return captcha && captcha.when !== 'failures' ? 'captcha' : 'allow';
}

async function factsOf(deps: FlowDeps, risk: RiskCheck, asking: Asking, send: SendToAdmit): Promise<RiskFacts> {
  const { account, counted } = send;
  const { ip, userAgent } = asking.facts;
  const ofUser = counted.own.find(({ key }) => key === 'sends-by-user')?.count;
  const ofAddress = counted.shared.budgets.find(({ key }) => key.startsWith('ip-1h:'))?.count;
  return {
    moment: 'send',
    at: deps.clock(),
    userId: account.subject.id,
    user: account.subject.user,
    ...(ip === undefined ? {} : { ip }),
    ...(userAgent === undefined ? {} : { userAgent }),
    sends: {
      ...(ofUser === undefined ? {} : { ofUser }),
      ...(ofAddress === undefined ? {} : { ofAddress }),
    },
    ...(await numberFacts(deps, risk, asking, send)),
  };
}

async function numberFacts(
  deps: FlowDeps,
  { lookup, lookups }: RiskCheck,
  { facts, visitor }: Asking,
  { account: { subject }, to: { to: number, country }, settingUp }: SendToAdmit,
): Promise<Pick<RiskFacts, 'line' | 'simSwappedAt'>> {
  if (country === undefined || !isPhone(number)) return {};
  const [read, lookedUp] = await Promise.all([
    readPhone(number, { countries: [country] }),
    lookup &&
      lookUpNumber(deps, { lookup, lookups }, { subject, facts, number, settingUp, holds: visitorHolds(visitor) }),
  ]);
  return { ...(read.ok ? { line: read.type } : {}), ...lookedUp };
}
