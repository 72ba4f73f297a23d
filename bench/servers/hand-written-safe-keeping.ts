/**
 * The same as `hand-written-keeping.ts`, with what holds though requests come together and processes die: a pending sign-in is a record that is taken once, a try
 * counts for it and for the user before anything is compared, and a right answer is one step: taken, used, forgiven and written down, or nothing of it.
 */
import { postgresOf, type redisOf } from '../lib/host-parts.js';
import type { AuditRow, Keeping } from './hand-written-keeping.js';

type Redis = NonNullable<Awaited<ReturnType<typeof redisOf>>>;

const PENDING_SECONDS = 600;

export async function safeKeeping(redis: Redis | undefined): Promise<Keeping> {
  if (!redis) return inMemory();
  return postgresOf() ? await inBoth(redis) : inRedis(redis);
}

function inMemory(): Keeping {
  const users = new Map<string, { secret: string; epoch: number; step: number; tries: number }>();
  const waiting = new Map<string, { user: string; epoch: number }>();
  const rows: AuditRow[] = [];
  const of = (user: string) => users.get(user) ?? { secret: '', epoch: 0, step: 0, tries: 0 };
  const audit = async (row: AuditRow) => {
    rows.push(row);
    if (rows.length > 20_000) rows.splice(0, 10_000);
  };
  return {
    async keepSecret(user, secret) {
      users.set(user, { secret, epoch: 0, step: 0, tries: 0 });
    },
    async begin(pending, row) {
      waiting.set(pending, { user: row.user, epoch: of(row.user).epoch });
      await audit(row);
    },
    async countTry(user, pending) {
      if (waiting.get(pending)?.user !== user) return undefined;
      const one = of(user);
      one.tries += 1;
      return { count: one.tries, secret: one.secret };
    },
    async accept(pending, step, row) {
      const one = of(row.user);
      const isFirst = waiting.get(pending)?.epoch === one.epoch && one.step < step;
      waiting.delete(pending);
      if (!isFirst) return false;
      one.step = step;
      one.tries = 0;
      await audit(row);
      return true;
    },
    audit,
  };
}

const TRY = `if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
local count = redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], 900)
return { count, redis.call('HGET', KEYS[3], 'secret') }`;

const ACCEPT = `local epoch = redis.call('GETDEL', KEYS[1])
local user = redis.call('HMGET', KEYS[3], 'epoch', 'step')
if not epoch or epoch ~= user[1] or tonumber(user[2]) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[3], 'step', ARGV[1])
redis.call('DEL', KEYS[2])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', 100000, '*', 'id', ARGV[2], 'at', ARGV[3], 'user', ARGV[4], 'type', ARGV[5], 'ip', ARGV[6])
return 1`;

function inRedis(redis: Redis): Keeping {
  const keys = (user: string, pending: string) => [
    `safe:p:${pending}`,
    `safe:t:${user}`,
    `safe:u:${user}`,
    'safe:audit',
  ];
  const trim = { TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: 100_000 } } as const;
  const fields = ({ id, at, ...row }: AuditRow) => ({ id, at: String(at), ...row });
  return {
    async keepSecret(user, secret) {
      await redis.hSet(`safe:u:${user}`, { secret, epoch: '0', step: '0' });
    },
    async begin(pending, row) {
      const epoch = (await redis.hGet(`safe:u:${row.user}`, 'epoch')) ?? '';
      await redis
        .multi()
        .set(`safe:p:${pending}`, epoch, { EX: PENDING_SECONDS })
        .xAdd('safe:audit', '*', fields(row), trim)
        .exec();
    },
    async countTry(user, pending) {
      const found = (await redis.eval(TRY, { keys: keys(user, pending), arguments: [] })) as [number, string] | null;
      return found === null ? undefined : { count: found[0], secret: found[1] };
    },
    async accept(pending, step, row) {
      const { id, at, user, type, ip } = row;
      const given = [String(step), id, String(at), user, type, ip];
      return (await redis.eval(ACCEPT, { keys: keys(user, pending), arguments: given })) === 1;
    },
    async audit(row) {
      await redis.xAdd('safe:audit', '*', fields(row), trim);
    },
  };
}

const COUNT_TRY = `WITH t AS (INSERT INTO safe_tries VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = safe_tries.n + 1 RETURNING n)
SELECT t.n, s.secret FROM t, safe_secrets s WHERE s.id = $1`;

const TAKE = `WITH used AS (UPDATE safe_secrets SET step = $1 WHERE id = $4 AND step < $1 AND epoch = $7 RETURNING id),
forgiven AS (DELETE FROM safe_tries WHERE id IN (SELECT id FROM used)),
said AS (INSERT INTO safe_audit SELECT $2, $3, $4, $5, $6 FROM used)
SELECT id FROM used`;

/** Pending sign-ins in Redis; what must outlive it, the tries too, in PostgreSQL. */
async function inBoth(redis: Redis): Promise<Keeping> {
  const pool = postgresOf();
  if (!pool) throw new Error('There is no PostgreSQL.');
  await pool.query('CREATE TABLE safe_secrets (id text PRIMARY KEY, secret text NOT NULL, epoch int, step bigint)');
  await pool.query('CREATE TABLE safe_tries (id text PRIMARY KEY, n int)');
  await pool.query('CREATE TABLE safe_audit (id uuid PRIMARY KEY, at bigint, owner text, type text, ip text)');
  await pool.query('CREATE INDEX ON safe_audit (owner, at)');
  const audit = async ({ id, at, user, type, ip }: AuditRow) => {
    await pool.query('INSERT INTO safe_audit VALUES ($1, $2, $3, $4, $5)', [id, at, user, type, ip]);
  };
  return {
    async keepSecret(user, secret) {
      await pool.query('INSERT INTO safe_secrets VALUES ($1, $2, 0, 0)', [user, secret]);
    },
    async begin(pending, row) {
      const read = 'SELECT epoch FROM safe_secrets WHERE id = $1';
      const { rows } = await pool.query<{ epoch: number }>(read, [row.user]);
      await Promise.all([
        redis.set(`safe:p:${pending}`, String(rows[0]?.epoch ?? ''), { EX: PENDING_SECONDS }),
        audit(row),
      ]);
    },
    async countTry(user, pending) {
      if ((await redis.exists(`safe:p:${pending}`)) === 0) return undefined;
      const { rows } = await pool.query<{ n: number; secret: string }>(COUNT_TRY, [user]);
      return { count: rows[0]?.n ?? Number.POSITIVE_INFINITY, secret: rows[0]?.secret ?? '' };
    },
    async accept(pending, step, { id, at, user, type, ip }) {
      const epoch = await redis.getDel(`safe:p:${pending}`);
      if (epoch === null) return false;
      const { rowCount } = await pool.query(TAKE, [step, id, at, user, type, ip, Number(epoch)]);
      return rowCount === 1;
    },
    audit,
  };
}
