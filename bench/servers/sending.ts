/** Codes by text message over a carrier on this machine, and beside them the same HTTP calls with nothing around them. */
import { verify } from 'node:crypto';
import express, { type RequestHandler } from 'express';
import passport from 'passport';
import { httpCall } from '../../src/core/http-call.js';
import { createSealer } from '../../src/core/sealing.js';
import { telnyxVerify } from '../../src/delivery/telnyx.js';
import { telnyxPublicKey } from '../../src/delivery/telnyx-webhook.js';
import { newEnrolmentId } from '../../src/flows/challenge-ids.js';
import { createMfa, memoryStore, sms } from '../../src/index.js';
import { sessions, usePasswords } from '../lib/host-parts.js';
import { numberOf } from '../lib/numbers.js';
import { PEOPLE } from '../lib/people.js';
import { clock, moveTheMachinesClock, serve } from '../lib/serve.js';

const { BENCH_CARRIER = '', BENCH_KEY = '', BENCH_PROFILE = '', BENCH_SIGNER = '' } = process.env;
const secret = 'a secret for the benchmark, long enough';
const store = memoryStore({ clock });
const mfa = createMfa({
  issuer: 'Bench',
  baseUrl: 'http://localhost',
  secrets: [secret],
  users: { findById: (id) => ({ id, email: `${id}` }) },
  store,
  allowMemoryStore: true,
  factors: [
    sms({
      via: telnyxVerify({ apiKey: BENCH_KEY, baseUrl: BENCH_CARRIER, verifyProfileId: BENCH_PROFILE }),
      countries: ['US'],
    }),
  ],
  // So wide that none of them is met: they are counted all the same.
  limits: { sendsPerIpHour: 10_000, sendsPerPrefix10Min: 10_000, sendsPerPrefixHour: 100_000, sendsPerDay: 1_000_000 },
  webhooks: { telnyx: { publicKey: BENCH_SIGNER } },
  rateLimit: false,
  clock,
});

const sealer = createSealer([secret]);
for (let person = 0; person < PEOPLE; person += 1) {
  const owner = `u:person-${person}`;
  const id = newEnrolmentId(sealer, 'sms', owner);
  const to = await sealer.seal(numberOf(person), ['enrolment', owner, id]);
  const data = { kind: 'sms', name: 'phone', data: { to, mask: '••', country: 'US' } };
  await store.commit(owner, { writes: [{ do: 'put', kind: 'enrolment', id, data }] });
}

const call = async (path: string, body: object) =>
  await httpCall({
    method: 'POST',
    url: new URL(`${BENCH_CARRIER}${path}`),
    headers: { authorization: `Bearer ${BENCH_KEY}`, 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });

/** The call, and its answer handed on. */
const bareSend: RequestHandler = async (req, res) => {
  const { to } = req.body as { to: string };
  const asked = { phone_number: to, verify_profile_id: BENCH_PROFILE, timeout_secs: 300 };
  const answer = await call('/verifications/sms', asked);
  res.status(answer.ok && answer.status === 200 ? 202 : 503).json(answer.ok ? JSON.parse(answer.text) : {});
};
const bareCheck: RequestHandler = async (req, res) => {
  const { ref, code } = req.body as { ref: string; code: string };
  const answer = await call(`/verifications/${ref}/actions/verify`, { code });
  res.status(answer.ok && answer.text.includes('"accepted"') ? 200 : 503).json({});
};

/** The signature, and nothing else. */
const key = telnyxPublicKey(BENCH_SIGNER);
const bareWebhook: RequestHandler = (req, res) => {
  const signed = Buffer.concat([Buffer.from(`${req.get('telnyx-timestamp')}|`), req.body as Buffer]);
  const signature = Buffer.from(req.get('telnyx-signature-ed25519') ?? '', 'base64');
  res.status(key && verify(null, signed, key, signature) ? 204 : 403).end();
};

usePasswords();
moveTheMachinesClock();
const app = express();
app.use('/webhooks', mfa.webhookRouter());
app.post('/bare/webhook', express.raw({ type: () => true }), bareWebhook);
app.use(await sessions());
app.use(express.json(), passport.session(), mfa.gate());
app.use('/mfa', mfa.router());
app.post('/login', passport.authenticate('local'), (_req, res) => void res.json({ ok: true }));
app.post('/bare/send', bareSend);
app.post('/bare/check', bareCheck);
await serve(app);
