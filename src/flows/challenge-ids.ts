import { randomBytes } from 'node:crypto';
import type { Sealer } from '../core/sealing.js';

/**
 * A challenge's id says, to us alone, whose question it was: a random part and a keyed tag over it, the context and the enrolment.
 * So an id that is gone from the store is told apart: ours and over (410), or somebody else's (404).
 */
export function newChallengeId(sealer: Sealer, context: string, enrolmentId: string): string {
  const random = randomBytes(18).toString('base64url');
  return `${random}.${tag(sealer, random, context, enrolmentId)}`;
}

export function isOwnChallengeId(sealer: Sealer, id: string, context: string, enrolmentId: string): boolean {
  const [random = '', given = ''] = id.split('.');
  return sealer.matchesKeyedHash(JSON.stringify(['challenge', random, context, enrolmentId]), given);
}

function tag(sealer: Sealer, random: string, context: string, enrolmentId: string): string {
  return sealer.keyedHash(JSON.stringify(['challenge', random, context, enrolmentId]));
}

/**
 * Enrolment ids begin with their kind, so that tries can be counted by kind before anything is read; the tag tells the owner's own ids that are gone
 * from everybody else's.
 */
export function newEnrolmentId(sealer: Sealer, kind: string, owner: string): string {
  const random = randomBytes(12).toString('base64url');
  return `${kind}.${random}.${sealer.keyedHash(JSON.stringify(['enrolment', kind, random, owner]))}`;
}

export function isOwnEnrolmentId(sealer: Sealer, id: string, owner: string): boolean {
  const [kind = '', random = '', given = ''] = id.split('.');
  return sealer.matchesKeyedHash(JSON.stringify(['enrolment', kind, random, owner]), given);
}

export function kindOfEnrolment(enrolmentId: string): string {
  return enrolmentId.slice(0, Math.max(0, enrolmentId.indexOf('.')));
}
