/** Where the hand-written app keeps secrets, tries, used steps and its audit: in maps, in Redis, or in Redis and PostgreSQL. */
import { postgresOf, type redisOf } from '../lib/host-parts.js';

export interface AuditRow {
  readonly id: string;
  readonly at: number;
  readonly user: string;
  readonly type: string;
  readonly ip: string;
}

export interface Keeping {
  keepSecret(user: string, secret: string): Promise<void>;
  /** The password was right. */
  begin(pending: string, row: AuditRow): Promise<void>;
  /** This try included, and the secret; undefined where that sign-in does not wait. */
  countTry(user: string, pending: string): Promise<{ readonly count: number; readonly secret: string } | undefined>;
  /** False where this step or a later one was used already. */
  accept(pending: string, step: number, row: AuditRow): Promise<boolean>;
  audit(row: AuditRow): Promise<void>;
}

/** One thing after another, as it is written by hand. */
interface Steps {
  keepSecret(user: string, secret: string): Promise<void>;
  secretOf(user: string): Promise<string>;
  countTry(user: string): Promise<number>;
  forgetTries(user: string): Promise<void>;
  useStep(user: string, step: number): Promise<boolean>;
  audit(row: AuditRow): Promise<void>;
}

const careful = process.env.BENCH_CAREFUL !== undefined;
/** Two of these apps may stand on one server. */
const APP = careful ? 'reviewed' : 'plain';

type Redis = NonNullable<Awaited<ReturnType<typeof redisOf>>>;

export async function keeping(redis: Redis | undefined): Promise<Keeping> {
  const steps = await stepsIn(redis);
  const audit = async (row: AuditRow) => {
    if (careful) await steps.audit(row);
  };
  return {
    keepSecret: steps.keepSecret,
    audit,
    begin: async (_pending, row) => await audit(row),
    countTry: async (user) => ({ count: await steps.countTry(user), secret: await steps.secretOf(user) }),
    async accept(_pending, step, row) {
      if (!(await steps.useStep(row.user, step))) return false;
      await steps.forgetTries(row.user);
      await audit(row);
      return true;
    },
  };
}

async function stepsIn(redis: Redis | undefined): Promise<Steps> {
  if (!redis) return inMemory();
  const pool = postgresOf();
  if (!pool) return inRedis(redis);
  await pool.query(`CREATE TABLE ${APP}_secrets (id text PRIMARY KEY, secret text NOT NULL)`);
  await pool.query(`CREATE TABLE ${APP}_audit (id uuid PRIMARY KEY, at bigint, owner text, type text, ip text)`);
  await pool.query(`CREATE INDEX ON ${APP}_audit (owner, at)`);
  return {
    ...inRedis(redis),
    async keepSecret(user, secret) {
      await pool.query(`INSERT INTO ${APP}_secrets VALUES ($1, $2)`, [user, secret]);
    },
    async secretOf(user) {
      const { rows } = await pool.query<{ secret: string }>(`SELECT secret FROM ${APP}_secrets WHERE id = $1`, [user]);
      return rows[0]?.secret ?? '';
    },
    async audit({ id, at, user, type, ip }) {
      await pool.query(`INSERT INTO ${APP}_audit VALUES ($1, $2, $3, $4, $5)`, [id, at, user, type, ip]);
    },
  };
}

function inMemory(): Steps {
  const secrets = new Map<string, string>();
  const tries = new Map<string, number>();
  const used = new Map<string, number>();
  const rows: AuditRow[] = [];
  return {
    async keepSecret(user, secret) {
      secrets.set(user, secret);
    },
    secretOf: async (user) => secrets.get(user) ?? '',
    async countTry(user) {
      const count = (tries.get(user) ?? 0) + 1;
      tries.set(user, count);
      return count;
    },
    async forgetTries(user) {
      tries.delete(user);
    },
    async useStep(user, step) {
      if ((used.get(user) ?? 0) >= step) return false;
      used.set(user, step);
      return true;
    },
    async audit(row) {
      rows.push(row);
      if (rows.length > 20_000) rows.splice(0, 10_000);
    },
  };
}

const RAISE = `if tonumber(redis.call('GET', KEYS[1]) or '0') >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', 600) return 1`;

function inRedis(redis: Redis): Steps {
  return {
    async keepSecret(user, secret) {
      await redis.set(`${APP}:secret:${user}`, secret);
    },
    secretOf: async (user) => (await redis.get(`${APP}:secret:${user}`)) ?? '',
    async countTry(user) {
      const [count] = await redis.multi().incr(`${APP}:tries:${user}`).expire(`${APP}:tries:${user}`, 900).exec();
      return Number(count);
    },
    async forgetTries(user) {
      await redis.del(`${APP}:tries:${user}`);
    },
    async useStep(user, step) {
      return (await redis.eval(RAISE, { keys: [`${APP}:used:${user}`], arguments: [String(step)] })) === 1;
    },
    async audit({ id, ...row }) {
      await redis.xAdd(
        `${APP}:audit`,
        '*',
        { id, ...row, at: String(row.at) },
        {
          TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: 100_000 },
        },
      );
    },
  };
}
