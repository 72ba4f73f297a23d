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
  within<T>(work: (late: AbortSignal) => Promise<T>): Promise<T>;
  close(): void;
}

export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

export function connection(client: RedisClient | RedisCluster, timeoutMs: number): Connection {
  let isClosed = false;

  async function evaluate({ source, sha }: Script, call: ScriptCall, late: AbortSignal): Promise<unknown> {
    // Takes what is still unsent out of the client's queue, so that a commit that was answered 503 is not done after the outage. The client's own
    // time limit (0: none) would do that too, with a timer for each command that goes on after the answer.
    const scripts = client.withCommandOptions({ abortSignal: late, timeout: 0 });
    try {
      return await scripts.evalSha(sha, call);
    } catch (error) {
      // A server that was restarted, or another one after a failover, has not seen the script; it did nothing yet.
      if (isNoScript(error)) return await scripts.eval(source, call);
      throw error;
    }
  }

  async function within<T>(work: (late: AbortSignal) => Promise<T>): Promise<T> {
    if (isClosed) throw new MfaError('unavailable', 'redisStore is closed.');
    const late = new AbortController();
    return await new Promise((resolve, reject) => {
      // What was sent already cannot be called back: a server that hangs would be waited for without end.
      const timer = setTimeout(() => {
        reject(new MfaError('unavailable', `redisStore: no answer in ${timeoutMs} ms.`));
        late.abort();
      }, timeoutMs);
      const working = async () => await work(late.signal);
      working()
        .finally(() => clearTimeout(timer))
        .then(resolve, (error: unknown) => reject(unavailable(error)));
    });
  }

  return {
    run: (what, keys, ...texts) => within((late) => evaluate(what, { keys: [...keys], arguments: [...texts] }, late)),
    within,
    close() {
      isClosed = true;
    },
  };
}
