import { type Refusal, refuse } from '../core/errors.js';
import type { Input } from '../core/factor.js';
import type { Asking } from './account.js';
import type { FlowDeps } from './deps.js';
import { describeChallenge } from './describe-challenge.js';

/** For clients that send only a code: the factor whose code has that shape; the one that was sent last where several do. */
export async function pickFactor(
  deps: FlowDeps,
  asking: Asking,
  input: Input,
  kinds?: readonly string[],
): Promise<string | Refusal> {
  const described = await describeChallenge(deps, asking);
  if (!described.ok) return described;
  const offered = described.options.filter(({ kind }) => !kinds || kinds.includes(kind));
  const fitting = offered.filter(
    ({ kind }) => deps.factors.get(kind)?.refuseMalformed(input, 'challenge') === undefined && deps.factors.has(kind),
  );
  if (offered.length > 0 && fitting.length === 0) return refuse('code_malformed', { field: 'code' });
  const newest = [...described.challenges]
    .sort((a, b) => b.sentAt - a.sentAt)
    .find((one) => fitting.some(({ factorId }) => factorId === one.enrolmentId));
  const quiet = fitting.find(({ kind }) => !deps.factors.get(kind)?.prepareSend);
  return newest?.enrolmentId ?? quiet?.factorId ?? fitting[0]?.factorId ?? refuse('not_found');
}
