import assert from 'node:assert/strict';
import {
  type CallContext,
  type Channel,
  type CheckResult,
  type Delivery,
  FAILURE_CLASSES,
  type SendJob,
  type SendResult,
} from '../../core/delivery.js';

export const CODE = '048291';
/** How long a call may go on after its signal ended it. */
const PROMPT_MS = 1_000;
const PATIENCE_MS = 10_000;

export function firstChannel({ offers }: Delivery): Channel {
  return (offers[0] ?? assert.fail('offers nothing')).channel;
}

/** Another send for each channel and place: the id is the same only for attempts at one. */
export function job(channel: Channel, to: string): SendJob {
  // Frozen, so that a delivery that writes into it fails here.
  return Object.freeze({
    sendId: `contract-${channel}-${to.replace(/\W/g, '')}`,
    channel,
    to,
    code: CODE,
    ttlMs: 300_000,
    issuer: 'Acme',
    text: `${CODE} is your Acme code.`,
    locale: 'en-AU',
  });
}

export function calmly(): CallContext {
  return { signal: AbortSignal.timeout(PATIENCE_MS) };
}

export function briefly(): CallContext {
  return { signal: AbortSignal.timeout(50) };
}

export async function promptly<T>(call: Promise<T> | undefined): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: 'went on after it was ended' })), PROMPT_MS);
  });
  return Promise.race([Promise.resolve(call), late]).finally(() => clearTimeout(timer));
}

export function refOf(result: SendResult): string {
  assert.equal(result.sent, 'yes', JSON.stringify(result));
  return result.ref;
}

export function otherThan(code: string): string {
  return code.replace(/^./, (digit) => (digit === '9' ? '8' : '9'));
}

export function assertNotCorrect(result: CheckResult): void {
  assertPlain(result);
  assert.ok(['wrong', 'gone', 'error'].includes(result.verdict), `verdict ${result.verdict}`);
}

export function assertFailure(result: SendResult | undefined): asserts result is Exclude<SendResult, { sent: 'yes' }> {
  assert.ok(result !== undefined && result.sent !== 'yes', `sent: ${JSON.stringify(result)}`);
  assertPlain(result);
  assert.ok(result.sent === 'no' || result.sent === 'unknown');
  assert.ok(FAILURE_CLASSES.includes(result.why), `why: ${result.why}`);
  if (result.sent === 'unknown') assert.ok(['unavailable', 'timeout'].includes(result.why), `unknown: ${result.why}`);
  const stray = Object.keys(result).filter((key) => !['sent', 'why', 'retryAfterMs', 'detail'].includes(key));
  const strayDetail = Object.keys(result.detail ?? {}).filter((key) => !['status', 'code'].includes(key));
  assert.deepEqual([...stray, ...strayDetail], []);
}

/** Results are kept and compared: data alone, no error, no getter, no hidden property. */
export function assertPlain(result: SendResult | CheckResult): void {
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result);
  assert.deepEqual(Object.getOwnPropertyNames(result), Object.keys(result));
}
