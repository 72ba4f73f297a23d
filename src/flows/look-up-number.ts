import type { Json } from '../core/store.js';
import { askInTime } from './ask-in-time.js';
import type { NumberFacts, RiskCheck } from './assess-risk.js';
import type { FlowDeps } from './deps.js';

const KEPT_MS = 24 * 60 * 60_000;
const KIND = 'looked-up';
const LINES = ['mobile', 'landline', 'mobile-or-landline', 'voip', 'personal'];

interface Known extends Pick<NumberFacts, 'line'> {
  readonly simSwappedAt?: number;
}

/** What the host's `lookup` says of a number: asked once a day, because each look costs money. Numbers are named by a keyed hash. */
export async function lookUpNumber(
  deps: Pick<FlowDeps, 'store' | 'sealer' | 'report'>,
  { lookup, timeoutMs }: Pick<RiskCheck, 'lookup' | 'timeoutMs'>,
  number: string,
): Promise<Known> {
  if (!lookup) return {};
  const owner = `number:${deps.sealer.keyedHash(`lookup ${number}`)}`;
  const [[before] = []] = await deps.store.read(owner, [{ kind: KIND }]);
  if (before) return unpacked(before.data);
  const said = await askInTime(() => lookup(number), { timeoutMs, report: deps.report });
  // Not knowing is not kept: the next send asks again.
  if (typeof said !== 'object' || said === null) return {};
  const data = packed(said);
  await deps.store.commit(owner, { writes: [{ do: 'put', kind: KIND, id: KIND, data, ttlMs: KEPT_MS }] });
  return unpacked(data);
}

/** `null`: never, which JSON can say and `-Infinity` cannot. */
function packed({ simSwappedAt, line }: NumberFacts): Json {
  const at = simSwappedAt instanceof Date ? simSwappedAt.getTime() : simSwappedAt;
  return {
    ...(at === null || Number.isFinite(at) ? { simSwappedAt: at as number | null } : {}),
    ...(LINES.includes(String(line)) ? { line: String(line) } : {}),
  };
}

function unpacked(data: Json): Known {
  const { simSwappedAt, line } = data as { simSwappedAt?: number | null; line?: NonNullable<Known['line']> };
  return {
    ...(simSwappedAt === undefined ? {} : { simSwappedAt: simSwappedAt ?? Number.NEGATIVE_INFINITY }),
    ...(line === undefined ? {} : { line }),
  };
}
