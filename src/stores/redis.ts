import { checkQuery, checkRefs, checkRows, checkStep } from '../core/check-step.js';
import { MfaError } from '../core/errors.js';
import { seenTime } from '../core/seen-time.js';
import type { Commit, Store } from '../core/store.js';
import { checkName } from '../core/stored-name.js';
import { isCluster, type RedisClient, type RedisCluster } from './redis/client.js';
import { connection, script } from './redis/connection.js';
import { log } from './redis/log.js';
import { COMMIT, FORGET } from './redis/lua-commit.js';
import { PING } from './redis/lua-log.js';
import { logKey, ownerKey } from './redis/names.js';
import { MOST_LEFT, outbox } from './redis/outbox.js';
import { ownersOnServers } from './redis/owners.js';
import { type Reply, replyOf } from './redis/replies.js';
import { setUpCheck } from './redis/set-up.js';
import { argumentsFor } from './redis/steps.js';
import { waitingOwners } from './redis/waiting-owners.js';

export type { RedisClient, RedisCluster } from './redis/client.js';

export interface RedisStoreOptions {
  /** A connected client of the package `redis`: `createClient`, `createClientPool` or `createCluster`. The host closes it. */
  readonly client: RedisClient | RedisCluster;
  /** What all keys begin with, so that several apps can share a server. No braces. Default `mfa:`. */
  readonly prefix?: string;
  /** How long a round trip may take before the verb throws `MfaError('unavailable')`. Milliseconds; default 1500. */
  readonly timeoutMs?: number;
  /** Works on a server that drops keys when its memory is full. Locks and used codes can then be forgotten. Default false. */
  readonly allowEviction?: boolean;
}

const PRUNED_PER_COMMIT = 16;
const commit = script(COMMIT);
const forget = script(FORGET);
const ping = script(PING);

/**
 * Keeps everything in Redis (tested with 7.0, made for 6 and newer), on one server, behind Sentinel or on a cluster, for any number
 * of processes.
 *
 * A verb is one script and one round trip; on a cluster a commit that logs takes one more. The time is the server's. What expires is
 * gone by itself, with its key or with the owner's next commit; `sweep` takes old log rows, and on a cluster brings rows to the log that
 * a crash kept from it.
 *
 * How to make the client:
 *
 * ```ts
 * const client = createClient({ url, disableOfflineQueue: true, commandOptions: { timeout: 1000 } });
 * client.on('error', (error) => log.warn(error)); // without a listener, a dropped connection ends the process
 * await client.connect();
 * ```
 *
 * - **`disableOfflineQueue: true`**: otherwise everybody who signs in during an outage waits for the whole of `timeoutMs`, where this
 *   answers 503 in a few milliseconds and works again when the server is back.
 * - **`commandOptions.timeout`**: for the app's own commands, and only until they are sent: a server that hangs is waited for all the
 *   same. The store brings its own limit, `timeoutMs`, for both.
 * - A verb that was "unavailable" may have been done all the same, when it was sent and only the answer was lost.
 *
 * How to run the server: `maxmemory-policy noeviction`, because a lock or a used code that is dropped is a lock or a code that was
 * never there; and `appendonly yes`. What was answered in the last second before a crash (`appendfsync everysec`) or a failover
 * can be lost: a TOTP step could then be used again within its 90 seconds, and a few wrong guesses are not counted. `appendfsync
 * always` and `min-replicas-to-write` narrow that; Redis cannot close it.
 *
 * Throws `MfaError('set_up')` for wrong options (at once), and for a client without an error listener or a server that drops keys
 * (at first use; `ping()` tells).
 */
export function redisStore(options: RedisStoreOptions): Store {
  const { client, prefix, timeoutMs, allowEviction } = checked(options);
  const server = connection(client, timeoutMs);
  const ready = setUpCheck({ client, connection: server, allowEviction });
  const rows = log(server, logKey(prefix));
  const keyOf = (owner: string) => ownerKey(prefix, owner);
  const waiting = outbox(server, rows, keyOf);
  let hasLooked = false;
  // The nodes of a cluster have a clock each: what one said is no news of another's.
  const seen = isCluster(client) ? undefined : seenTime();

  /** `prune` also says that this may write. */
  async function run(owner: string, step: Commit, prune?: number): Promise<Reply> {
    const texts = argumentsFor(step, seen?.latest() ?? 0, prune);
    await ready();
    const keys = isCluster(client) || prune === undefined ? [keyOf(owner)] : [keyOf(owner), rows.key];
    const reply = replyOf(await server.run(commit, keys, ...texts), step.hits ?? [], step.reads ?? []);
    seen?.note(reply.committed.now);
    return reply;
  }

  /** Moves what waits for the log until there is nothing more of it. */
  async function bringToLog(owner: string): Promise<void> {
    for (;;) {
      const { outbox: left } = await run(owner, {}, 0);
      if (left.length === 0) return;
      await waiting.move(owner, left);
    }
  }

  /** What another process left behind when it was killed is found by the first sweep of its successor, and nobody has to look again. */
  async function bringAllToLog(): Promise<void> {
    const mayBeMore = !hasLooked || waiting.left.size >= MOST_LEFT;
    for (const owner of [...waiting.left]) await bringToLog(owner);
    if (!mayBeMore || !isCluster(client)) return;
    for await (const owner of waitingOwners(client, server, prefix)) await bringToLog(owner);
    hasLooked = true;
  }

  return {
    name: 'redis',
    volatile: false,
    async read(owner, refs) {
      checkRefs(owner, refs);
      const { committed } = await run(owner, { reads: refs });
      return committed.ok ? committed.records : [];
    },
    async commit(owner, step) {
      checkStep(owner, step);
      const { committed, outbox: left } = await run(owner, step, PRUNED_PER_COMMIT);
      await waiting.tryToMove(owner, left);
      return committed;
    },
    async append(added) {
      checkRows(added);
      await ready();
      await rows.append(added);
    },
    async scan(query) {
      checkQuery(query);
      await ready();
      return await rows.page(query);
    },
    async owners(query) {
      checkName(query.kind);
      await ready();
      return await ownersOnServers(client, server, { prefix, kind: query.kind, query });
    },
    async sweep({ logBefore } = {}) {
      await ready();
      await bringAllToLog();
      return { removed: logBefore === undefined ? 0 : await rows.remove({ to: logBefore }) };
    },
    async forget(owner, only) {
      checkName(owner);
      // Before the log is searched, or the rows that wait would come to it afterwards.
      await bringToLog(owner);
      if (!only) await server.run(forget, [keyOf(owner)]);
      await rows.remove({ owner }, only?.rowsBut);
    },
    async ping() {
      await ready();
      await server.run(ping, [rows.key]);
    },
    async close() {
      server.close();
    },
  };
}

function checked({ client, prefix = 'mfa:', timeoutMs = 1500, allowEviction = false }: RedisStoreOptions) {
  if (typeof client?.evalSha !== 'function') {
    throw new MfaError('set_up', 'redisStore: `client` must be a connected client of the package `redis`.');
  }
  if (/[{}]/.test(prefix)) throw new MfaError('set_up', 'redisStore: `prefix` must not have braces: `mfa:`.');
  if (!(timeoutMs >= 1))
    throw new MfaError('set_up', `redisStore: \`timeoutMs\` must be at least 1, but is ${timeoutMs}.`);
  return { client, prefix, timeoutMs, allowEviction };
}
