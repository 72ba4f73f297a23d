import type { FactorContext } from '../../src/core/factor.js';
import { createSealer } from '../../src/core/sealing.js';
import type { Json } from '../../src/core/store.js';
import type { Enrolment } from '../../src/core/words.js';

const sealer = createSealer(['a test secret of thirty-two characters']);

/** What a flow lends a factor, at that time. */
export function lent(now = Date.UTC(2027, 0, 1), changes: Partial<FactorContext> = {}): FactorContext {
  return {
    subject: { id: 'ada', owner: 'u:ada', label: 'ada@acme.example', user: {} },
    issuer: 'Acme',
    host: 'acme.example',
    now,
    seal: (text) => sealer.seal(text, ['ada']),
    open: (sealed) => sealer.open(sealed, ['ada']),
    keyedHash: (text) => sealer.keyedHash(text),
    matchesKeyedHash: (text, hash) => sealer.matchesKeyedHash(text, hash),
    deadline: () => AbortSignal.timeout(1_000),
    report: () => undefined,
    ...changes,
  };
}

export function enrolled(kind: string, data: Json, mark = 0): Enrolment {
  return { id: `${kind}.a.b`, kind, name: 'It', data, mark, version: 1, createdAt: 0 };
}
