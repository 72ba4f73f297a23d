/** better-auth with its two-factor plugin, in memory; its password hash replaced by one that costs nothing, as everywhere here. */
import { PASSWORD, PEOPLE, secretOf } from '../lib/people.js';
import { moveTheMachinesClock, serve } from '../lib/serve.js';

moveTheMachinesClock();
/** By name, so that the types of what only this benchmark installs are nobody else's business. */
const load = async (name: string) => (await import(name)) as Record<string, (...args: never[]) => unknown>;
const { betterAuth } = (await load('better-auth')) as unknown as {
  betterAuth: (options: object) => {
    handler: unknown;
    api: Record<string, (input: object) => Promise<unknown>>;
    $context: Promise<{ secret: string }>;
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

const db: Record<string, Record<string, unknown>[]> = {
  user: [],
  session: [],
  account: [],
  verification: [],
  twoFactor: [],
};
const secret = 'a secret for the benchmark, long enough';
const auth = betterAuth({
  baseURL: 'http://localhost',
  secret,
  trustedOrigins: ['http://localhost'],
  database: memoryAdapter(db),
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
});

for (let person = 0; person < PEOPLE; person += 1) {
  await auth.api.signUpEmail?.({ body: { email: `person-${person}@bench.example`, name: 'P', password: PASSWORD } });
  const user = db.user?.[person];
  if (!user) throw new Error('better-auth made no user');
  user.twoFactorEnabled = true;
  db.twoFactor?.push({
    id: String(person),
    userId: user.id,
    secret: await symmetricEncrypt({ key: secret, data: secretOf(person) }),
    backupCodes: '',
  });
}
db.session = [];

await serve(toNodeHandler(auth));
