/** What one person does in each host of the matrix, and what a thief finds who had every session id on the way. Throws at the first thing that is wrong. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { generateSync } from 'otplib';
import { type Answer, Visitor } from './visitor.js';

/** `passport.authenticate`, `req.logIn(user, cb)`, `req.login(user, cb)`. */
const DOORS = ['/login', '/logIn-by-hand', '/login-by-hand-too'];
const PASSWORD = { username: 'ada', password: 'right' };

export async function journey(base: string): Promise<void> {
  const secret = await enrols(base);
  for (const door of DOORS) await signsIn(base, door, secret);
}

/** Somebody without a factor signs in as ever, under a new session id, and sets one up. */
async function enrols(base: string): Promise<string> {
  const ada = await comes(base);
  const before = ada.thief();
  says(await ada.post('/login', { ...PASSWORD, password: 'wrong' }), 401);
  says(await ada.post('/login', PASSWORD), 200, { user: 'ada' });
  await isNobody(before, 'the session from before the first sign-in');
  const begun = await ada.post('/mfa/factors/totp');
  says(begun, 201);
  const secret = String(begun.body.secret);
  says(await ada.post(`/mfa/factors/${begun.body.id}/confirm`, { code: await nextCode(ada, secret) }), 200);
  await leaves(ada);
  return secret;
}

async function signsIn(base: string, door: string, secret: string): Promise<void> {
  const ada = await comes(base);
  const before = ada.thief();

  const stopped = await ada.post(door, PASSWORD);
  says(stopped, 200);
  assert.equal(stopped.body.mfaRequired, true, `${door} is not stopped: ${JSON.stringify(stopped.body)}`);
  assert.notEqual(ada.cookie, before.cookie, 'the parked session has a new id');
  await isNobody(before, 'the session from before the password');
  await isShut(ada);
  const parked = ada.thief();

  const right = await nextCode(ada, secret);
  const wrong = right === '000000' ? '000001' : '000000';
  says(await ada.post('/mfa/challenge/verify', { code: wrong }), 422, { code: 'code_wrong', attemptsLeft: 4 });
  await isShut(ada);
  const passed = await ada.post('/mfa/challenge/verify', { code: right });
  says(passed, 200, { authenticated: true });
  assert.ok(![before.cookie, parked.cookie].includes(ada.cookie), 'the signed-in session has an id of its own');
  says(await ada.get('/me'), 200, { user: 'ada' });
  for (const thief of [before, parked]) await isNobody(thief, 'a session id from before the second factor');

  await stepsUp(ada, secret);
  await leaves(ada);
}

async function stepsUp(ada: Visitor, secret: string): Promise<void> {
  says(await ada.get('/payout'), 200, { paid: true });
  await ada.post('/clock', { ms: 11 * 60_000 });
  const denied = await ada.get('/payout');
  says(denied, 403, { code: 'fresh_proof_required' });
  const before = ada.thief();
  says(await ada.post('/mfa/challenge/verify', { code: await nextCode(ada, secret) }), 200);
  assert.notEqual(ada.cookie, before.cookie, 'a step-up brings a new session id');
  says(await ada.get('/payout'), 200, { paid: true });
  await isNobody(before, 'the session from before the step-up');
}

/** A visitor with a session and nobody in it. */
async function comes(base: string): Promise<Visitor> {
  const visitor = new Visitor(base);
  await visitor.get('/basket');
  assert.match(visitor.cookie, /^connect\.sid=/, 'there is a session before anybody signs in');
  return visitor;
}

async function leaves(ada: Visitor): Promise<void> {
  const before = ada.thief();
  says(await ada.post('/logout'), 200);
  for (const visitor of [ada, before]) await isNobody(visitor, 'a session that was logged out');
}

/** The first factor was right, and nothing of the host opens. */
async function isShut(visitor: Visitor): Promise<void> {
  says(await visitor.get('/me'), 401, { user: null });
  says(await visitor.get('/payout'), 401, { code: 'mfa_required' });
  says(await visitor.get('/mfa/factors'), 401, { code: 'mfa_required' });
}

async function isNobody(visitor: Visitor, what: string): Promise<void> {
  says(await visitor.get('/me'), 401, { user: null }, what);
  says(await visitor.get('/mfa/challenge'), 401, { code: 'sign_in_required' }, what);
}

/** Each code works once: the clock of the host goes on until the app shows another. */
async function nextCode(ada: Visitor, secret: string): Promise<string> {
  const { body } = await ada.post('/clock', { ms: 30_000 });
  return generateSync({ secret, epoch: Math.floor(Number(body.now) / 1000) });
}

/** The status, and these fields of the body. */
function says(answer: Answer, status: number, fields: object = {}, what = 'the host'): void {
  if (answer.status === status && isDeepStrictEqual({ ...answer.body, ...fields }, answer.body)) return;
  const [seen, wanted] = [`${answer.status} ${JSON.stringify(answer.body)}`, `${status} ${JSON.stringify(fields)}`];
  throw new Error(`${what} answers ${seen} instead of ${wanted}`);
}
