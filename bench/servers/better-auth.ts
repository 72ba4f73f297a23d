/** better-auth with its two-factor plugin, in memory or on Redis and PostgreSQL; its password hash replaced by one that costs nothing, as everywhere here. */
import { postgresOf, redisOf } from '../lib/host-parts.js';
import { PASSWORD, PEOPLE, secretOf } from '../lib/people.js';
import { moveTheMachinesClock, serve } from '../lib/serve.js';

type Adapter = Readonly<Record<'create' | 'update', (input: object) => Promise<unknown>>>;

/** By name, so that the types of what only this benchmark installs are nobody else's business. */
const load = async (name: string) => (await import(name)) as Record<string, (...args: never[]) => unknown>;
const { betterAuth } = (await load('better-auth')) as unknown as {
  betterAuth: (options: object) => {
    handler: unknown;
    api: Record<string, (input: object) => Promise<{ user: { id: string } }>>;
    options: object;
    $context: Promise<{ adapter: Adapter }>;
  };
};
const { twoFactor } = (await load('better-auth/plugins')) as unknown as { twoFactor: (options: object) => object };
const { memoryAdapter } = (await load('better-auth/adapters/memory')) as unknown as {
  memoryAdapter: (db: object) => object;
};
const { toNodeHandler } = (await load('better-auth/node')) as unknown as {
  toNodeHandler: (auth: object) => import('node:http').RequestListener;
};
const { symmetricEncrypt } = (await load('better-auth/crypto')) as unknown as {
  symmetricEncrypt: (input: { key: string; data: string }) => Promise<string>;
};

const secret = 'a secret for the benchmark, long enough';
const pool = postgresOf();
const redis = await redisOf('better-auth');
const options = {
  baseURL: 'http://localhost',
  secret,
  trustedOrigins: ['http://localhost'],
  database: pool ?? memoryAdapter({ user: [], session: [], account: [], verification: [], twoFactor: [] }),
  ...(redis
    ? {
        secondaryStorage: {
          get: (key: string) => redis.get(`ba:${key}`),
          async set(key: string, value: string, ttl?: number) {
            await redis.set(`ba:${key}`, value, ttl ? { EX: ttl } : {});
          },
          async delete(key: string) {
            await redis.del(`ba:${key}`);
          },
        },
      }
    : {}),
  emailAndPassword: {
    enabled: true,
    password: {
      hash: async (text: string) => text,
      verify: async (given: { hash: string; password: string }) => given.hash === given.password,
    },
  },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [twoFactor({ issuer: 'Bench' })],
};
const auth = betterAuth(options);
if (pool) {
  const { getMigrations } = (await load('better-auth/db')) as unknown as {
    getMigrations: (options: object) => Promise<{ runMigrations(): Promise<void> }>;
  };
  await (await getMigrations(options)).runMigrations();
}

const { adapter } = await auth.$context;
for (let person = 0; person < PEOPLE; person += 1) {
  const body = { email: `person-${person}@bench.example`, name: 'P', password: PASSWORD };
  const made = await auth.api.signUpEmail?.({ body });
  if (!made) throw new Error('better-auth made no user');
  const { id } = made.user;
  await adapter.update({ model: 'user', where: [{ field: 'id', value: id }], update: { twoFactorEnabled: true } });
  const data = { userId: id, secret: await symmetricEncrypt({ key: secret, data: secretOf(person) }), backupCodes: '' };
  await adapter.create({ model: 'twoFactor', data });
}

moveTheMachinesClock();
await serve(toNodeHandler(auth));
