/** Secrets wrapped by a key management service: here one that really encrypts, keeps its keys to itself, and can fail. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Kms, MfaError, rewrapSecret, unwrapSecrets, wrapSecret } from '../src/index.js';
import { createHost } from './support/host.js';
import { Person } from './support/person.js';

interface LocalKms extends Kms {
  /** From now on `wrap` uses a new key; the older ones still unwrap. */
  rotate(): void;
  /** Older keys are gone. */
  dropOldKeys(): void;
  readonly calls: readonly string[];
}

/** AES-256-GCM under keys that nobody else has. */
function localKms(): LocalKms {
  let keys = [randomBytes(32)];
  const calls: string[] = [];
  return {
    calls,
    rotate: () => void keys.unshift(randomBytes(32)),
    dropOldKeys() {
      keys = keys.slice(0, 1);
    },
    async wrap(plain) {
      calls.push('wrap');
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keys[0] ?? '', nonce);
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    async unwrap(wrapped) {
      calls.push('unwrap');
      for (const key of keys) {
        try {
          const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, 12));
          decipher.setAuthTag(wrapped.subarray(-16));
          return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
        } catch {
          // Another key, perhaps.
        }
      }
      throw Object.assign(new Error('arn:aws:kms:eu-west-1:1234:key/secret-name was denied'), {
        name: 'AccessDeniedException',
      });
    },
  };
}

async function failure(work: Promise<unknown>): Promise<MfaError> {
  const error = await work.then(() => undefined).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(MfaError);
  expect((error as MfaError).code).toBe('set_up');
  return error as MfaError;
}

describe('a wrapped secret', () => {
  it('is 256 random bits that only the service can show, and a whole app runs on it', async () => {
    const kms = localKms();
    const [older, newer] = [await wrapSecret(kms), await wrapSecret(kms)];
    expect(newer).toMatch(/^w1\.[\w-]{8}\.[\w-]{80}$/);
    const secrets = await unwrapSecrets(kms, [newer, older]);
    expect(secrets.map((one) => Buffer.from(one, 'base64url').length)).toEqual([32, 32]);
    expect(new Set(secrets).size).toBe(2);
    for (const secret of secrets) expect(newer + older).not.toContain(secret);

    const host = createHost({ mfa: { secrets } });
    const before = kms.calls.length;
    await (await new Person(host, 'ada').enrolsTotp()).signsOut();
    // Sealing and opening ask the service nothing.
    expect(kms.calls.length).toBe(before);
    const [[row] = []] = await host.store.read('u:user-ada', [{ kind: 'enrolment' }]);
    // The text says which key it is: the one that sealed texts name.
    expect(JSON.stringify(row?.data)).toContain(`s1.${newer.split('.')[1]}.`);
  });

  it('is unwrapped with one call each', async () => {
    const kms = localKms();
    const texts = [await wrapSecret(kms), await wrapSecret(kms)];
    const before = kms.calls.length;
    await unwrapSecrets(kms, texts);
    expect(kms.calls.slice(before)).toEqual(['unwrap', 'unwrap']);
  });

  it('survives a new key of the service, and a new service, as the same secret', async () => {
    const kms = localKms();
    const text = await wrapSecret(kms);
    const [secret] = await unwrapSecrets(kms, [text]);
    kms.rotate();
    expect(await unwrapSecrets(kms, [text])).toEqual([secret]);
    const again = await rewrapSecret(kms, text);
    expect(again).not.toBe(text);
    kms.dropOldKeys();
    expect(await unwrapSecrets(kms, [again])).toEqual([secret]);
    expect((await failure(unwrapSecrets(kms, [text]))).message).toMatch(/failed \(AccessDeniedException\)/);
    const other = localKms();
    expect(await unwrapSecrets(other, [await rewrapSecret(kms, again, { to: other })])).toEqual([secret]);
  });
});

describe('what goes wrong is said while the app starts', () => {
  it('a service that refuses, by the kind of its error and nothing else', async () => {
    const text = await wrapSecret(localKms());
    const error = await failure(unwrapSecrets(localKms(), [text]));
    expect(error.message).toBe(
      `unwrapSecrets: kms.unwrap failed (AccessDeniedException), for the wrapped secret[0] (key ${text.split('.')[1]}).`,
    );
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/arn:|secret-name/);
  });

  it('a service that never answers, after the time it is given', async () => {
    const text = await wrapSecret(localKms());
    const hanging: Kms = { ...localKms(), unwrap: () => new Promise(() => undefined) };
    expect((await failure(unwrapSecrets(hanging, [text], { timeout: 20 }))).message).toMatch(/did not answer in 20 ms/);
  });

  it.each<[string, Partial<Kms>, RegExp]>([
    ['other bytes', { unwrap: async () => randomBytes(32) }, /something else than was wrapped/],
    ['too few bytes', { unwrap: async () => randomBytes(5) }, /something else than was wrapped/],
    ['no bytes', { unwrap: async () => new Uint8Array() }, /did not answer with bytes/],
    ['a text', { unwrap: async () => 'secret' as never }, /did not answer with bytes/],
    ['nothing', { unwrap: async () => undefined as never }, /did not answer with bytes/],
    [
      'an error at once',
      {
        unwrap: () => {
          throw new TypeError('no');
        },
      },
      /failed \(TypeError\)/,
    ],
    ['a rejection that is no error', { unwrap: () => Promise.reject('s3cret words') }, /failed \(string\)/],
  ])('a service that answers with %s', async (_what, broken, message) => {
    const kms = localKms();
    const text = await wrapSecret(kms);
    const error = await failure(unwrapSecrets({ ...kms, ...broken }, [text]));
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('s3cret');
  });

  it('a service that does not encrypt, or cannot give back what it took, before anything is sealed', async () => {
    const plain: Kms = { wrap: async (bytes) => bytes, unwrap: async (bytes) => bytes };
    expect((await failure(wrapSecret(plain))).message).toMatch(/as it was/);
    const around: Kms = { ...plain, wrap: async (bytes) => Buffer.concat([Buffer.from('v1:'), bytes]) };
    expect((await failure(wrapSecret(around))).message).toMatch(/as it was/);
    const oneWay: Kms = { ...localKms(), unwrap: localKms().unwrap };
    expect((await failure(wrapSecret(oneWay))).message).toMatch(/kms\.unwrap failed/);
  });

  it.each([undefined, '', 'w1', 'w1.abcdefgh', 'w1..AAAA', 'a plain secret of at least thirty-two characters'])(
    'a text that is no wrapped secret: %j',
    async (text) => {
      const error = await failure(unwrapSecrets(localKms(), [text as string]));
      expect(error.message).toMatch(/is not what wrapSecret made/);
      if (text) expect(error.message).not.toContain(text);
    },
  );

  it('a wrapped text that was changed, or cut', async () => {
    const kms = localKms();
    const text = await wrapSecret(kms);
    for (const changed of [text.slice(0, -4), text.replace(/^w1\.../, 'w1.xx')]) {
      await failure(unwrapSecrets(kms, [changed]));
    }
  });

  it('no list, no service, an option that is none', async () => {
    await failure(unwrapSecrets(localKms(), []));
    await failure(unwrapSecrets(localKms(), 'w1.a.b' as never));
    await failure(wrapSecret({} as Kms));
    expect((await failure(wrapSecret(localKms(), { timeOut: 5 } as object))).message).toMatch(/timeout/);
    await failure(wrapSecret(localKms(), { timeout: '5m' }));
  });
});
