/** Why a code was not sent, and what looked risky, in plain words. */
import type { FailureClass, MfaEvent } from '../../src/index.js';

type Limit = NonNullable<MfaEvent<'challenge.send_failed'>['limit']>;
type Why = MfaEvent<'challenge.send_failed'>['why'];
type ChannelBy = NonNullable<MfaEvent<'challenge.sent'>['channelBy']>;
type Scored = Pick<MfaEvent<'risk.scored'>, 'score' | 'reasons' | 'action' | 'done'>;
type Action = Scored['action'];

const LIMITS: Readonly<Record<Limit, string>> = {
  locked: 'this way of signing in is locked after too many wrong answers',
  resend: 'the one before is still on its way',
  user: 'this account asked for too many codes within an hour',
  number: 'too many codes went to this number',
  prefix: 'too many codes went to numbers that begin alike',
  ip: 'too many codes were asked for from this address',
  day: 'the codes of this day are used up',
  money: 'the money for codes of this day is spent',
  country_money: 'the money for codes to this country is spent for this day',
  neighbours: 'too many numbers next to one another, as a script asks for that is paid by the text',
  conversion: 'hardly any code to numbers like this is ever answered',
};

const FAILURES: Readonly<Record<FailureClass, string>> = {
  invalid_destination: 'the number or address cannot be sent to',
  landline: 'the number is a landline',
  unreachable: 'the phone could not be reached',
  opted_out: 'its owner wants no texts from us',
  blocked: 'the carrier has blocked the number',
  filtered: 'the carrier filtered it out',
  rate_limited: 'the carrier takes no more just now',
  resend_limit: 'the carrier takes no more for this number just now',
  spend_limit: 'our account with the carrier is out of money',
  channel_unavailable: 'nobody can bring it this way',
  config: 'our set-up with the carrier is wrong',
  auth: 'the carrier refused our key',
  unavailable: 'no carrier could be had',
  timeout: 'the carrier did not answer in time',
};

const CHANNEL_BY: Readonly<Record<ChannelBy, string>> = {
  asked: 'it was asked for',
  same: 'as the code before it',
  remembered: 'it was asked for the last time',
  cost: 'an answered code costs least',
  given: 'the first in the app’s own order',
  only: 'nothing else is left',
};

const SIGNALS: Readonly<Record<string, string>> = {
  velocity: 'often of late',
  failures: 'wrong answers before',
  'new-network': 'a network they never signed in from',
  'new-country': 'a country they never signed in from',
  'bot-agent': 'a program instead of a browser',
  'line-type': 'no mobile number',
  'sim-swap': 'the SIM was changed lately',
};

const ASKED: Readonly<Record<Action, string>> = {
  allow: 'nothing more is asked for',
  captcha: 'a captcha is asked for',
  stronger: 'a stronger second step is asked for',
  refuse: 'it is refused',
};

/** Nobody is led into a dead end: what is not there is not asked for. */
const COULD_NOT: Readonly<Partial<Record<Action, string>>> = {
  captcha: 'a captcha would be asked for, and there is none',
  stronger: 'a stronger second step would be asked for, and there is none',
};

export function whyNotSent(why: Why, limit?: Limit): string {
  if (limit) return LIMITS[limit];
  if (why === 'limited') return 'a limit was reached';
  if (why === 'vetoed') return 'the app said no';
  if (why === 'risk') return 'it looked too risky';
  return why === 'captcha' ? 'no captcha was solved' : failureText(why);
}

/** Why a code went by its channel. */
export function whyThisWay(by: ChannelBy): string {
  return CHANNEL_BY[by];
}

export function failureText(why: FailureClass): string {
  return FAILURES[why];
}

/** How risky it looked, of 1, and why; and what followed. */
export function riskText({ score, reasons, action, done }: Scored): string {
  const named = reasons.map(({ signal, weight, value }) => `${SIGNALS[signal] ?? signal} ${rounded(weight * value)}`);
  const result = action === done ? ASKED[done] : (COULD_NOT[action] ?? ASKED[done]);
  return `Risk ${rounded(score)} of 1 (${named.join('; ')}): ${result}`;
}

function rounded(part: number): string {
  return String(Math.round(part * 100) / 100);
}
