/** Keys decide the node; what is text and number travels as text. */
export interface ScriptCall {
  keys: string[];
  arguments: string[];
}

interface RunsScripts {
  evalSha(sha: string, call: ScriptCall): Promise<unknown>;
  eval(script: string, call: ScriptCall): Promise<unknown>;
}

interface Client extends RunsScripts {
  withCommandOptions(options: { abortSignal: AbortSignal; timeout: number }): RunsScripts;
  listenerCount(event: 'error'): number;
}

/** What this library needs of `createClient()` or `createClientPool()` from the package `redis`. */
export interface RedisClient extends Client {
  info(section: 'memory' | 'server'): Promise<unknown>;
  scan(cursor: string, options: { MATCH: string; COUNT: number }): Promise<{ cursor: unknown; keys: unknown }>;
}

/** What this library needs of `createCluster()` from the package `redis`. */
export interface RedisCluster extends Client {
  readonly masters: readonly unknown[];
  nodeClient(master: never): RedisClient | Promise<RedisClient>;
}

export function isCluster(client: RedisClient | RedisCluster): client is RedisCluster {
  return 'nodeClient' in client;
}

/** Each server that holds a part of the keys. */
export function nodesOf(client: RedisClient | RedisCluster): Promise<readonly RedisClient[]> {
  if (!isCluster(client)) return Promise.resolve([client]);
  // A node goes back to the cluster it came from, and to nobody else.
  return Promise.all(client.masters.map(async (master) => await client.nodeClient(master as never)));
}
