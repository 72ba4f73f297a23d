/** D04: how often the slow hash runs, and how many at once. */
import * as crypto from 'node:crypto';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';

let hashes = 0;
let running = 0;
let most = 0;

jest.unstable_mockModule('node:crypto', () => ({
  ...crypto,
  scrypt(text: string, salt: Buffer, length: number, options: object, done: (error: unknown, key: Buffer) => void) {
    hashes += 1;
    running += 1;
    most = Math.max(most, running);
    crypto.scrypt(text, salt, length, options, (error, key) => {
      running -= 1;
      done(error, key);
    });
  },
}));
const { createHost } = await import('../support/host.js');
const { adaWaits, lockedFor, waits, WIDE, WRONG_BACKUP_CODE } = await import('../support/guess.js');
const { listening, statuses, together } = await import('../support/listen.js');

const WRONG = { factorId: 'backup-codes', code: WRONG_BACKUP_CODE };

beforeEach(() => {
  hashes = 0;
  most = 0;
});

describe('D04 backup codes', () => {
  it('cost one slow hash a try, however many are left, and none where the try is refused', async () => {
    const host = createHost();
    const ada = await adaWaits(host);
    hashes = 0;
    for (let tries = 1; tries <= 5; tries += 1) {
      await ada.verify(WRONG).expect(422);
      expect(hashes).toBe(tries);
    }
    await ada.verify(WRONG).expect(410);
    await ada.verify({ factorId: 'backup-codes', code: 'no code' }).expect(422);
    const other = await waits(ada.elsewhere());
    for (let tries = 6; tries <= 10; tries += 1) await other.verify(WRONG).expect(422);
    await lockedFor((await waits(ada.elsewhere())).verify(WRONG));
    expect(hashes).toBe(10);
  });

  it('are hashed two at a time, however many are tried at once', async () => {
    const host = await listening(createHost({ mfa: { limits: WIDE } }));
    const ada = await adaWaits(host);
    const others = await together(30, () => waits(ada.elsewhere()));
    hashes = 0;
    most = 0;
    expect(statuses(await Promise.all(others.map((browser) => browser.verify(WRONG))))).toEqual({ 422: 30 });
    expect(hashes).toBe(30);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('cost a stranger’s requests nothing', async () => {
    const host = createHost();
    const ada = await adaWaits(host);
    hashes = 0;
    const stranger = ada.elsewhere();
    for (let tries = 0; tries < 20; tries += 1) await stranger.verify(WRONG).expect(401);
    expect(hashes).toBe(0);
  });
});
