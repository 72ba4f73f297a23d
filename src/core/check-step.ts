/** What every store refuses, before it does anything: the same names and the same numbers, with the same errors. */
import { MfaError } from './errors.js';
import type { Commit, Condition, CounterWrite, Hit, LogQuery, LogRow, Ref, Write } from './store.js';
import { checkName } from './stored-name.js';

/** Throws TypeError for numbers and writes that cannot be meant; `MfaError('bad_request')` for names that are too long. */
export function checkStep(owner: string, { writes, hits, counters, reads, log }: Commit): void {
  checkName(owner);
  writes?.forEach(checkWrite);
  hits?.forEach(checkHit);
  counters?.forEach(checkCounterWrite);
  reads?.forEach(checkRef);
  log?.forEach(checkRow);
}

export function checkRefs(owner: string, refs: readonly Ref[]): void {
  checkName(owner);
  refs.forEach(checkRef);
}

export function checkRows(rows: readonly LogRow[]): void {
  rows.forEach(checkRow);
}

/** Queries come from outside, as cursors do: what is wrong with one is a bad request. */
export function checkQuery({ owner, types = [], from = 0, to = 0, limit = 0 }: LogQuery): void {
  for (const name of owner === undefined ? types : [owner, ...types]) checkName(name);
  if ([from, to, limit].some((number) => typeof number !== 'number' || Number.isNaN(number)))
    throw new MfaError('bad_request', '`from`, `to` and `limit` are numbers.');
}

function checkRef({ kind, id }: Ref): void {
  checkName(kind);
  if (id !== undefined) checkName(id);
}

function checkWrite(write: Write): void {
  checkRef(write);
  if (write.do === 'raise') wholeNumber('to', write.to);
  if (write.do === 'raise' || write.do === 'bump') return;
  checkCondition(write.if);
  if (write.do === 'delete' && write.id === undefined && typeof write.if === 'object') {
    // Versions and marks are of one record; guessing which one was meant could delete what should have stayed.
    throw new TypeError('A version or mark needs the id of the record to delete.');
  }
  if (write.do !== 'put') return;
  duration('ttlMs', write.ttlMs);
  count('atMost', write.atMost);
}

function checkCondition(condition: Condition | undefined): void {
  if (typeof condition !== 'object') return;
  wholeNumber('if', 'version' in condition ? condition.version : condition.mark);
}

function checkHit({ key, limit, windowMs, waits }: Hit): void {
  checkName(key);
  count('limit', limit ?? Number.NaN);
  duration('windowMs', windowMs);
  for (const wait of Object.values(waits ?? {})) duration('waits', wait);
}

function checkCounterWrite(write: CounterWrite): void {
  if (write.do === 'clear') return checkName(write.prefix);
  checkName(write.key);
  const number = write.do === 'settle' ? write.upTo : write.hit;
  if (typeof number !== 'number' || Number.isNaN(number)) throw wrong(write.do, number, 'a number');
}

function checkRow({ id, at, type, owner, epoch }: LogRow): void {
  checkName(id);
  checkName(type);
  if (owner !== undefined) checkName(owner);
  if (!Number.isFinite(at)) throw wrong('at', at, 'a time in milliseconds');
  if (epoch !== undefined) wholeNumber('epoch', epoch);
}

/** Infinity is "no limit". */
function count(name: string, value: number | undefined): void {
  if (value !== undefined && !(typeof value === 'number' && value >= 0)) throw wrong(name, value, 'a number from 0');
}

/** What ends never has no duration at all. */
function duration(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isFinite(value) && value >= 0)) throw wrong(name, value, 'milliseconds from 0');
}

function wholeNumber(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw wrong(name, value, 'a whole number');
}

function wrong(name: string, value: unknown, instead: string): TypeError {
  return new TypeError(`\`${name}\` in a store's commit is ${instead}, and not ${String(value)}.`);
}
