import type { Request } from 'express';
import { randomId } from '../core/codes.js';
import { MfaError } from '../core/errors.js';
import type { Grant, Proof, Subject } from '../core/words.js';
import type { LogIn, LogInOptions } from './own-log-in.js';
import { clearUser, forgetUser, passportKey, regeneratesItself, serializedUser } from './passport-session.js';
import { leaveFirstSave, saveSession } from './save-session.js';
import {
  entriesOf,
  hostKeys,
  type KeptKeys,
  readMfa,
  regenerateWith,
  requireSession,
  sessionOf,
  writeMfa,
} from './session-data.js';

export interface SignInToComplete {
  readonly subject: Subject;
  readonly epoch: number;
  readonly grants: readonly Grant[];
  readonly firstFactorAt: number;
  readonly proofId: string;
  readonly options: LogInOptions;
}

/** First factor and whatever else was needed: from here on the session is signed in. */
export async function completeSignIn(
  req: Request,
  original: LogIn | undefined,
  signIn: SignInToComplete,
  keep: KeptKeys,
): Promise<void> {
  const { subject, options } = signIn;
  await logIn(req, original, { user: subject.user, options, proof: (serialized) => proofOf(signIn, serialized) }, keep);
}

/** The user of this session once more, as hosts do after they changed a profile: nothing is proved by it, and nothing lost. */
export async function logInAgain(
  req: Request,
  original: LogIn,
  again: { readonly user: object; readonly options: LogInOptions; readonly proof: Proof },
  keep: KeptKeys,
): Promise<void> {
  await logIn(req, original, { ...again, proof: (serialized) => ({ ...again.proof, serialized }) }, keep);
}

/**
 * The one place where Passport's own log-in is called for a session. The session gets a new id, the user, and the proof, and is saved before the caller answers.
 */
async function logIn(
  req: Request,
  original: LogIn | undefined,
  wanted: { readonly user: object; readonly options: LogInOptions; readonly proof: (serialized: string) => Proof },
  { carry, passportKeys }: KeptKeys,
): Promise<void> {
  if (!original) {
    throw new MfaError(
      'set_up',
      'express-mfa: Passport has not seen this request. Mount `app.use(passport.session())` (or `passport.initialize()`) before the router.',
    );
  }
  const key = passportKey(req);
  const session = requireSession(req);
  const kept = entriesOf(session, carry);
  // What was parked must not be copied along by `keepSessionInfo`; nor the user of another Passport, to whom the new proof is none.
  writeMfa(req, undefined);
  for (const other of passportKeys) if (other !== key) delete session[other];
  if (!regeneratesItself(req)) await regenerateWith(req, wanted.options.keepSessionInfo ? hostKeys(req, [key]) : []);
  try {
    if (regeneratesItself(req)) leaveFirstSave(req);
    await logInOnce(req, original, wanted.user, wanted.options);
    const after = requireSession(req);
    for (const [name, value] of kept) after[name] = value;
    const serialized = serializedUser(req, key);
    if (serialized === undefined)
      throw new MfaError('unavailable', 'express-mfa: Passport kept no user in the session.');
    writeMfa(req, { proof: wanted.proof(serialized) });
    await saveSession(req);
  } catch (error) {
    // express-session saves once more when the answer ends: what failed must not be signed in after all.
    forgetUser(req, key);
    if (sessionOf(req)) writeMfa(req, undefined);
    throw error;
  }
}

function proofOf(signIn: SignInToComplete, serialized: string): Proof {
  const { subject, epoch, grants, firstFactorAt, proofId } = signIn;
  return {
    id: proofId,
    owner: subject.owner,
    userId: subject.id,
    serialized,
    epoch,
    firstFactorAt,
    grants,
    csrf: randomId(),
  };
}

function logInOnce(req: Request, original: LogIn, user: object, options: LogInOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    original.call(
      req,
      user,
      { session: true, ...(options.keepSessionInfo ? { keepSessionInfo: true } : {}) },
      (error?: unknown) => {
        if (!error) return resolve();
        clearUser(req);
        reject(error instanceof Error ? error : new MfaError('unavailable', 'express-mfa: Passport could not log in.'));
      },
    );
  });
}

export interface StepUp {
  readonly epoch: number;
  readonly grants: readonly Grant[];
  readonly withoutEnrolments: readonly string[];
  readonly proofId: string;
  /** The proof this starts from. */
  readonly from: string;
}

/** More proof for the user who is signed in: a new session id, everything of the host's kept. */
export async function stepUp(req: Request, step: StepUp): Promise<void> {
  const { proof } = readMfa(req);
  if (!proof || proof.id !== step.from) throw new MfaError('sign_in_again');
  await regenerateWith(req, hostKeys(req));
  const grants = [...proof.grants, ...step.grants].filter(
    (grant) => !step.withoutEnrolments.includes(grant.enrolment ?? ''),
  );
  writeMfa(req, {
    proof: { ...proof, id: step.proofId, epoch: step.epoch, grants: newestOfEach(grants), csrf: randomId() },
  });
  try {
    await saveSession(req);
  } catch (error) {
    // express-session saves once more when the answer ends: what is answered with a fault must not be proved after all.
    if (sessionOf(req)) writeMfa(req, { proof });
    throw error;
  }
}

/** One grant for each enrolment: the session stays small however often somebody steps up. */
function newestOfEach(grants: readonly Grant[]): readonly Grant[] {
  return [...new Map(grants.map((grant) => [`${grant.factor} ${grant.enrolment ?? ''}`, grant])).values()];
}
