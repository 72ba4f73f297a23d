import type { Write } from '../core/store.js';
import { FAILED_CHANNEL } from './failed-channels.js';
import { dropBackupCodes } from './make-backup-codes.js';

/** What is open and not finished: void after any change of factors or credentials. */
export function dropOpenQuestions(): readonly Write[] {
  return ['pending', 'challenge', 'draft', 'fresh-codes'].map((kind): Write => ({ do: 'delete', kind }));
}

/** Every factor of the user, with all that hangs on it. */
export function dropEverything(): readonly Write[] {
  const kinds: readonly Write[] = ['enrolment', 'last-used', FAILED_CHANNEL].map((kind) => ({ do: 'delete', kind }));
  return [...kinds, ...dropBackupCodes(), ...dropOpenQuestions()];
}
