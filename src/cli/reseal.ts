import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MfaError } from '../core/errors.js';
import type { Mfa } from '../create-mfa.js';
import type { ResealProgress, ResealReport } from '../flows/reseal-all.js';
import { EXIT, type Surroundings, UsageError } from './exit.js';

export interface ResealFlags {
  readonly config?: string | undefined;
  readonly cursor?: string | undefined;
  readonly json?: boolean | undefined;
}

const EVERY_MS = 1_000;

/**
 * The store and the secrets come from the app's own module, and not from variables of the command's: secrets may be wrapped by a key service, a store
 * may be two, and what the app seals with and what the command seals with must not be able to differ.
 */
export async function resealCommand(around: Surroundings, flags: ResealFlags): Promise<number> {
  const mfa = await loadMfa(around.cwd, flags.config);
  let last: ResealProgress | undefined;
  let quietUntil = 0;
  try {
    const report = await mfa.api.resealAll({
      ...(flags.cursor === undefined ? {} : { cursor: flags.cursor }),
      signal: around.interrupted,
      onProgress(progress) {
        last = progress;
        if (performance.now() < quietUntil) return;
        quietUntil = performance.now() + EVERY_MS;
        around.err(`${progress.users} users looked at, ${progress.resealed} records sealed anew`);
      },
    });
    if (flags.json) around.out(JSON.stringify(report));
    else for (const line of sentencesOf(report)) around.out(line);
    return report.cursor === undefined && report.left + report.unreadableCount === 0 ? EXIT.ok : EXIT.left;
  } catch (error) {
    if (last?.cursor !== undefined) around.err(`Go on from there with --cursor ${last.cursor}`);
    throw error;
  } finally {
    await mfa.close();
  }
}

function sentencesOf({ users, looked, resealed, left, unreadable, ...rest }: ResealReport): readonly string[] {
  const { unreadableCount, cursor, olderSecretsFreeFrom } = rest;
  return [
    `${users} users, ${looked} records with something sealed, ${resealed} of them sealed anew.`,
    ...(left === 0 ? [] : [`${left} changed while they were looked at, and need another run.`]),
    ...(unreadableCount === 0 ? [] : [`${unreadableCount} cannot be read:`]),
    ...unreadable.map(
      ({ owner, kind, id, reason, keyId }) =>
        `  ${onOneLine(owner)} ${kind} ${onOneLine(id)}: ${reason}${keyId ? `, sealed with key ${keyId}` : ''}`,
    ),
    ...(unreadableCount > unreadable.length ? [`  and ${unreadableCount - unreadable.length} more`] : []),
    ...(cursor === undefined ? [] : [`Stopped. Go on with --cursor ${cursor}`]),
    olderSecretsFreeFrom
      ? `Nothing needs the older secrets from ${olderSecretsFreeFrom.toISOString()} on, where every process had the newest one first before this began.`
      : 'Keep the older secrets.',
  ];
}

/** An id that somebody chose must neither make lines of its own nor speak to the terminal. */
function onOneLine(id: string): string {
  return id.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}

async function loadMfa(cwd: string, config: string | undefined): Promise<Mfa> {
  if (config === undefined) {
    throw new UsageError(
      'Name the module that makes the mfa object: `express-mfa reseal --config ./mfa.js`, where mfa.js has `export const mfa = createMfa({ ... })` and starts no server.',
    );
  }
  const found = mfaIn(await imported(cwd, config));
  const made: unknown = await (typeof found === 'function' ? (found as () => unknown)() : found);
  if (isMfa(made)) return made;
  throw new UsageError(`${config} exports no mfa object. Write \`export const mfa = createMfa({ ... })\`.`);
}

function mfaIn(module: object): unknown {
  const names = module as { readonly mfa?: unknown; readonly default?: unknown };
  const fallback = names.default;
  // A CommonJS module arrives as the default.
  return names.mfa ?? (isObject(fallback) && 'mfa' in fallback ? fallback.mfa : fallback);
}

async function imported(cwd: string, config: string): Promise<object> {
  const url = pathToFileURL(resolve(cwd, config));
  try {
    return (await import(url.href)) as object;
  } catch (error) {
    if (error instanceof MfaError) throw error;
    const code = isObject(error) && typeof error.code === 'string' ? ` (${error.code})` : '';
    const name = error instanceof Error ? error.name : 'an error';
    // The app's own error may hold a connection string.
    throw new UsageError(`${config} could not be loaded: ${name}${code}. Run \`node ${config}\` to see why.`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isMfa(value: unknown): value is Mfa {
  return isObject(value) && isObject(value.api) && typeof value.api.resealAll === 'function';
}
