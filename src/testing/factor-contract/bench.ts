import assert from 'node:assert/strict';
import { ERRORS } from '../../core/errors.js';
import type { EnrolmentDisplay, Factor, FactorContext, Input, Verdict } from '../../core/factor.js';
import { createSealer } from '../../core/sealing.js';
import type { Json } from '../../core/store.js';
import type { Enrolment } from '../../core/words.js';
import type { FactorContractOptions } from '../factor-contract.js';

export type Case = readonly [name: string, check: (bench: Bench) => Promise<void>];

/** What a case has to work with. */
export interface Bench {
  readonly factor: Factor;
  readonly options: FactorContractOptions;
  readonly sends: boolean;
  /** Lent to the factor for one enrolment of one user. */
  context(of?: { readonly enrolmentId?: string; readonly owner?: string }): FactorContext;
  advance(ms: number): void;
  /** Begins setting up with `enrolWith`. */
  begin(): Promise<Begun>;
  /** A code is made and sent; undefined for factors that send nothing. */
  challenge(begun: Begun, previous?: Json): Promise<Json | undefined>;
  right(begun: Begun): Promise<Input>;
  wrong(right: Input): Input;
}

export interface Begun {
  readonly enrolment: Enrolment;
  readonly display: EnrolmentDisplay;
  readonly destination?: string;
}

/** Whatever clients send that no factor has asked for. */
export const HOSTILE: readonly Input[] = [
  undefined,
  null,
  true,
  123_456,
  Number.NaN,
  '',
  ' ',
  '-',
  'abcdef',
  '1e5',
  '0x1234',
  '１２３４５６',
  '123\u0000456',
  '\ud800',
  'x'.repeat(10_000),
  [],
  ['123456'],
  {},
  { toString: 1 },
  { $gt: '' },
]
  .map((value): Input => ({ code: value, phone: value, password: value, response: value, name: value }))
  .concat([{}, JSON.parse('{"__proto__":{"code":"123456"},"constructor":"x"}') as Input, Object.create(null) as Input]);

export async function openBench(options: FactorContractOptions): Promise<Bench> {
  const factor = await options.create();
  const sealer = createSealer(['the factor contract seals with this']);
  let now = Date.UTC(2027, 0, 1);

  function context({ enrolmentId = 'contract', owner = 'u:ada' } = {}): FactorContext {
    const binding = ['enrolment', owner, enrolmentId];
    const bound = (text: string) => JSON.stringify([...binding, text]);
    return {
      subject: { id: owner, owner, label: 'ada@example.com', user: { id: owner } },
      issuer: 'Contract',
      host: 'contract.example',
      now,
      seal: (text) => sealer.seal(text, binding),
      open: (sealed) => sealer.open(sealed, binding),
      keyedHash: (text) => sealer.keyedHash(bound(text)),
      matchesKeyedHash: (text, hash) => sealer.matchesKeyedHash(bound(text), hash),
      deadline: () => AbortSignal.timeout(10_000),
      report: () => undefined,
    };
  }

  async function begin(): Promise<Begun> {
    const begun = await factor.beginEnrolment(options.enrolWith ?? {}, context());
    assert.ok(begun.ok, `refused what \`enrolWith\` says: ${JSON.stringify(begun)}`);
    const data = throughJson(begun.data);
    const { defaultName: name, destination } = begun;
    return {
      enrolment: { id: 'contract', kind: factor.kind, name, data, mark: 0, version: 1, createdAt: now },
      display: (await factor.display?.(data, context())) ?? {},
      ...(destination === undefined ? {} : { destination }),
    };
  }

  async function challenge({ enrolment }: Begun, previous?: Json): Promise<Json | undefined> {
    const sending = await factor.sending?.(enrolment.data, context());
    const [channel] = sending?.channels ?? [];
    if (!factor.prepareSend || channel === undefined) return undefined;
    sent += 1;
    const prepared = await factor.prepareSend(
      { enrolment, channel, ttlMs: 300_000, sendId: `contract-${sent}`, ...(previous ? { previous } : {}) },
      context(),
    );
    const outcome = await prepared.transmit(AbortSignal.timeout(10_000));
    assert.ok(outcome.ok, `the code was not sent: ${JSON.stringify(outcome)}`);
    return throughJson(outcome.data);
  }
  let sent = 0;

  async function right({ enrolment, display }: Begun): Promise<Input> {
    const sending = await factor.sending?.(enrolment.data, context());
    const [channel] = sending?.channels ?? [];
    const lent = context();
    const about = { data: enrolment.data, display, context: lent };
    assert.ok(options.answer, '`answer` is missing: the right answer, for whoever is asked for it');
    return await options.answer({
      ...about,
      ...(sending ? { to: sending.to } : {}),
      ...(channel === undefined ? {} : { channel }),
    });
  }

  return {
    factor,
    options,
    sends: factor.prepareSend !== undefined,
    context,
    advance(ms) {
      now += ms;
    },
    begin,
    challenge,
    right,
    wrong: options.wrong ?? otherDigits,
  };
}

/** What is not JSON would not come back from a store. */
export function throughJson(data: Json): Json {
  const again = JSON.parse(JSON.stringify(data)) as Json;
  assert.deepEqual(again, data, 'data must be plain JSON');
  return again;
}

/** A verdict, and one of the port's: whatever was asked. */
export function assertVerdict(verdict: Verdict): void {
  assert.ok(typeof verdict === 'object' && verdict !== null, 'a verdict is an object');
  assert.ok(verdict.ok === true || verdict.ok === false, '`ok` is true or false, nothing that is merely taken for it');
  if (!verdict.ok) assert.ok(['wrong', 'malformed', 'gone', 'unavailable'].includes(verdict.reason), 'a known reason');
}

export function assertNotRight(verdict: Verdict, about: string): void {
  assertVerdict(verdict);
  assert.equal(verdict.ok, false, about);
}

export function assertRefusal(refusal: unknown): void {
  const { ok, code } = refusal as { ok: unknown; code: string };
  assert.equal(ok, false);
  assert.ok(Object.hasOwn(ERRORS, code), `\`${String(code)}\` is not a code of ERRORS`);
}

/** What the flows do with a right answer: undefined where its claims no longer hold, and so it loses. */
export function applied(verdict: Verdict, { enrolment }: Begun): Enrolment | undefined {
  if (!verdict.ok || verdict.raiseMarkTo === undefined) return enrolment;
  return verdict.raiseMarkTo > enrolment.mark ? { ...enrolment, mark: verdict.raiseMarkTo } : undefined;
}

function otherDigits(right: Input): Input {
  return Object.fromEntries(
    Object.entries(right).map(([field, value]) => [
      field,
      typeof value === 'string' ? value.replace(/\d/g, (digit) => String((Number(digit) + 5) % 10)) : value,
    ]),
  );
}
