import type { Request } from 'express';
import { randomId } from '../core/codes.js';
import { MfaError } from '../core/errors.js';
import type { Grant, Proof, Subject } from '../core/words.js';
import type { LogIn, LogInOptions } from './own-log-in.js';
import { clearUser, passportKey, regeneratesItself, serializedUser } from './passport-session.js';
import { hostKeys, readMfa, regenerateWith, requireSession, saveSession, writeMfa } from './session-data.js';

export interface SignInToComplete {
  readonly subject: Subject;
  readonly epoch: number;
  readonly grants: readonly Grant[];
  readonly firstFactorAt: number;
  readonly proofId: string;
  readonly options: LogInOptions;
}

/**
 * The one place where Passport's own log-in is called. The session gets a new id, the user, and the proof, and is saved before the caller answers.
 */
export async function completeSignIn(
  req: Request,
  original: LogIn | undefined,
  signIn: SignInToComplete,
  carry: readonly string[],
): Promise<void> {
  if (!original) {
    throw new MfaError(
      'set_up',
      'express-mfa: Passport has not seen this request. Mount `app.use(passport.session())` (or `passport.initialize()`) before the router.',
    );
  }
  const key = passportKey(req);
  const session = requireSession(req);
  const kept = carry.filter((name) => session[name] !== undefined).map((name) => [name, session[name]] as const);
  // What was parked must not be copied along by `keepSessionInfo`.
  writeMfa(req, undefined);
  if (!regeneratesItself(req)) await regenerateWith(req, signIn.options.keepSessionInfo ? hostKeys(req, [key]) : []);
  await logInOnce(req, original, signIn.subject.user, signIn.options);
  const after = requireSession(req);
  for (const [name, value] of kept) after[name] = value;
  const serialized = serializedUser(req, key);
  if (serialized === undefined) throw new MfaError('unavailable', 'express-mfa: Passport kept no user in the session.');
  writeMfa(req, { proof: proofOf(signIn, serialized) });
  try {
    await saveSession(req);
  } catch (error) {
    clearUser(req);
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
  await saveSession(req);
}

/** One grant for each enrolment: the session stays small however often somebody steps up. */
function newestOfEach(grants: readonly Grant[]): readonly Grant[] {
  return [...new Map(grants.map((grant) => [`${grant.factor} ${grant.enrolment ?? ''}`, grant])).values()];
}
