import { createHash } from 'node:crypto';
import { MfaError } from '../../core/errors.js';
import type { RedisClient, RedisCluster, ScriptCall } from './client.js';
import { isNoScript, unavailable } from './errors.js';

export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** Runs scripts, each in one round trip; throws `MfaError('unavailable')` for everything that goes wrong. */
export interface Connection {
  run(script: Script, keys: readonly string[], ...texts: readonly string[]): Promise<unknown>;
  /** Any other work with the client, under the same time limit and with the same errors. */
  within<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

export function connection(client: RedisClient | RedisCluster, timeoutMs: number): Connection {
  // Takes what is still unsent out of the client's queue, so that a commit that was answered 503 is not done after the outage.
  const scripts = client.withCommandOptions({ timeout: timeoutMs });
  let isClosed = false;

  async function evaluate({ source, sha }: Script, call: ScriptCall): Promise<unknown> {
    try {
      return await scripts.evalSha(sha, call);
    } catch (error) {
      // A server that was restarted, or another one after a failover, has not seen the script; it did nothing yet.
      if (isNoScript(error)) return await scripts.eval(source, call);
      throw error;
    }
  }

  async function within<T>(work: () => Promise<T>): Promise<T> {
    if (isClosed) throw new MfaError('unavailable', 'redisStore is closed.');
    let timer: NodeJS.Timeout | undefined;
    // The client's own limit ends with sending: a server that hangs would be waited for without end.
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new MfaError('unavailable', `redisStore: no answer in ${timeoutMs} ms.`)),
        timeoutMs,
      );
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      throw unavailable(error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    run: (what, keys, ...texts) => within(() => evaluate(what, { keys: [...keys], arguments: [...texts] })),
    within,
    close() {
      isClosed = true;
    },
  };
}
