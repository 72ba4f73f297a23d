import { MfaError } from '../../core/errors.js';
import { ownerPageSize, walkCursor, walkedTo } from '../../core/owner-page.js';
import type { OwnerPage, OwnerQuery } from '../../core/store.js';
import { nodesOf, type RedisClient, type RedisCluster } from './client.js';
import type { Connection } from './connection.js';
import { isNotAllowed } from './errors.js';
import { ownerOfRecords, recordsKeys } from './names.js';
import { listOf } from './replies.js';

// So many steps of SCAN a page, that a server full of other keys does not keep a page waiting past its time.
const STEPS_PER_PAGE = 10;

/** Where a walk is: at which server, at which of its places, and which servers are done. */
interface Place {
  readonly server: string;
  readonly at: string;
  readonly done: readonly string[];
}

/**
 * One page of the walk, server after server. A place in a SCAN means something to one running server only: after a fail-over the new
 * master has another run id, and is walked from its beginning. Slots that move to another server during the walk may be passed over.
 */
export async function ownersOnServers(
  client: RedisClient | RedisCluster,
  connection: Connection,
  { prefix, kind, query }: { readonly prefix: string; readonly kind: string; readonly query: OwnerQuery },
): Promise<OwnerPage> {
  const size = ownerPageSize(query);
  const place = query.cursor === undefined ? undefined : placeOf(query.cursor);
  const servers = await connection.within(() => named(client));
  const done = place?.done ?? [];
  const here = servers.find(({ id }) => id === place?.server) ?? servers.find(({ id }) => !done.includes(id));
  if (!here) return { owners: [] };
  const owners = new Set<string>();
  let at = here.id === place?.server ? place.at : '0';
  let steps = 0;
  do {
    const from = at;
    const options = { MATCH: recordsKeys(prefix, kind), COUNT: Math.max(size, 100) };
    const reply = await connection.within(() => here.node.scan(from, options));
    for (const key of listOf(reply.keys)) {
      const owner = ownerOfRecords(String(key), kind);
      if (owner !== undefined) owners.add(owner);
    }
    at = String(reply.cursor);
    steps += 1;
  } while (at !== '0' && owners.size < size && steps < STEPS_PER_PAGE);
  if (at !== '0') return { owners: [...owners], next: walkCursor({ server: here.id, at, done }) };
  const left = servers.some(({ id }) => id !== here.id && !done.includes(id));
  const next = { server: '', at: '0', done: [...done, here.id] };
  return { owners: [...owners], ...(left ? { next: walkCursor(next) } : {}) };
}

async function named(client: RedisClient | RedisCluster) {
  const nodes = await nodesOf(client);
  return await Promise.all(nodes.map(async (node, index) => ({ node, id: await runId(node, index) })));
}

async function runId(node: RedisClient, index: number): Promise<string> {
  try {
    return /^run_id:(\w+)/m.exec(String(await node.info('server')))?.[1] ?? `server ${index}`;
  } catch (error) {
    if (isNotAllowed(error)) return `server ${index}`;
    throw error;
  }
}

function placeOf(cursor: string): Place {
  const read = walkedTo(cursor) as Partial<Place> | null | undefined;
  const isPlace = typeof read?.server === 'string' && /^[0-9]+$/.test(String(read.at)) && Array.isArray(read.done);
  if (!isPlace) throw new MfaError('bad_request', 'This is not a cursor.');
  return read as Place;
}
