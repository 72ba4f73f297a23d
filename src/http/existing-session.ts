/** Sessions that hold a Passport user: is the proof there, and still good? */
import type { Request, Response } from 'express';
import { randomId } from '../core/codes.js';
import type { HostUser, UserId } from '../core/words.js';
import { beginSignIn } from '../flows/begin-sign-in.js';
import { endSession, park } from '../session/park.js';
import { clearUser, passportKey, serializedAs, serializedUser, userProperty } from '../session/passport-session.js';
import { readMfa, sessionOf, writeMfa } from '../session/session-data.js';
import { answerParked } from './answer-parked.js';
import type { HttpDeps } from './http-deps.js';
import { isNavigation } from './negotiate.js';
import { factsOf } from './request-facts.js';
import { safePath } from './return-path.js';

/** True when the request has been answered. Without a signed-in session there is nothing to do. */
export async function settleSession(http: HttpDeps, req: Request, res: Response): Promise<boolean> {
  if (!sessionOf(req)) return false;
  const { pending, proof } = readMfa(req);
  const [first, another] = http.passportKeys.flatMap((key) => {
    const serialized = serializedUser(req, key);
    return serialized === undefined ? [] : [{ key, serialized }];
  });
  if (!first) {
    // Parked, and something has put a user on the request all the same (a strategy that ran before the gate).
    if (pending) clearUser(req);
    // The host has taken the user out by itself: the proof goes too, or it would be there for whoever is put in next.
    else if (proof) writeMfa(req, undefined);
    return false;
  }
  // A proof for the user of one Passport is none for the user of another.
  if (another || first.serialized !== proof?.serialized)
    return await unproved(http, req, res, another ? undefined : first);
  if (!(await isGood(http, proof))) await endSession(req, http.passportKeys);
  return false;
}

async function isGood(
  http: HttpDeps,
  proof: { owner: string; epoch: number; firstFactorAt: number },
): Promise<boolean> {
  await http.epochs.ready();
  const known = http.epochs.isCurrent(proof.owner, proof.epoch, proof.firstFactorAt);
  return known === 'ask-the-store' ? await http.epochs.isCurrentInStore(proof.owner, proof.epoch) : known;
}

/** What one Passport keeps of a user. */
interface Kept {
  readonly key: string;
  readonly serialized: string;
}

/** A user and no proof: a session from before the gate, or one that something else has made. Of two users at once nobody can tell whose it is. */
async function unproved(http: HttpDeps, req: Request, res: Response, kept: Kept | undefined): Promise<boolean> {
  const { existingSessions } = http;
  // A session that was parked, or had a proof, is not from before the gate: somebody was put into it by hand.
  const isOld = readMfa(req).pending === undefined && readMfa(req).proof === undefined;
  if (isOld && typeof existingSessions === 'object' && http.flows.clock() < existingSessions.keepUntil) return false;
  const user = existingSessions !== 'end' && kept && (await userOf(http, req, kept));
  if (!user) {
    await endSession(req, http.passportKeys);
    return false;
  }
  const begun = await beginSignIn(http.flows, {
    user,
    name: 'session',
    facts: factsOf(req, http.localeOf),
    returnTo: (isNavigation(req) && safePath(req.originalUrl)) || http.homeUrl,
    keepSessionInfo: true,
    canPark: true,
  });
  if (!begun.ok) {
    await endSession(req, http.passportKeys);
    return false;
  }
  if (begun.next === 'complete') {
    // Proved long ago at best: good for going on, never fresh.
    const { subject, epoch } = begun;
    const grants = [{ factor: 'session', at: 0, amr: [] }];
    writeMfa(req, {
      proof: {
        id: randomId(),
        owner: subject.owner,
        userId: subject.id,
        serialized: kept.serialized,
        epoch,
        firstFactorAt: 0,
        grants,
        csrf: randomId(),
      },
    });
    return false;
  }
  await park(req, begun.pending, http);
  if (!isNavigation(req)) return false;
  await answerParked(http, req, res, begun.account);
  return true;
}

/**
 * The user on the request, when the session holds that very user: a token may have put another one there. Or else the one whose id the session holds, as
 * most apps serialize it.
 */
async function userOf(http: HttpDeps, req: Request, { key, serialized }: Kept): Promise<HostUser | undefined> {
  // The same id may be a customer's with one Passport and an administrator's with another.
  if (http.passportKeys.length > 1 && key !== passportKey(req)) return undefined;
  const onRequest = (req as unknown as Record<string, unknown>)[userProperty(req)];
  if (typeof onRequest === 'object' && onRequest !== null && (await serializedAs(req, onRequest)) === serialized)
    return onRequest;
  if (http.passportKeys.length > 1) return undefined;
  const id: unknown = JSON.parse(serialized);
  const found =
    typeof id === 'string' || typeof id === 'number'
      ? await http.flows.ask.findById(id as UserId, undefined)
      : undefined;
  const foundAs = found && (await serializedAs(req, found));
  return foundAs === undefined || foundAs === serialized ? found : undefined;
}
