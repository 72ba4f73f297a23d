/**
 * What the trial carriers tell afterwards, as Twilio does: a form, signed with the auth token of the account, posted to the app's own webhook.
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
import { createHmac } from 'node:crypto';

export type Told = 'delivered' | 'undelivered';

/** The app's account with the trial carriers. */
export interface TrialAccount {
  readonly authToken: string;
  /** As it stands in their console. They sign it; the way there is their own. */
  readonly webhookUrl: string;
}

export interface Reports {
  add(ref: string, told: Told): void;
  /** Where the app listens: from now on it is told. */
  callAt(origin: string): void;
  /** Tells at once whatever was not told for the last time. */
  tellNow(): Promise<void>;
  close(): void;
}

/** Carriers repeat themselves; the app takes each report once. */
const AFTER_MS = [1000, 4000, 16_000];
const PATIENCE_MS = 5000;
/** "Message filtered": the carrier's own doing, so it counts against the carrier. https://www.twilio.com/docs/api/errors/30007 */
const FILTERED = '30007';

/** The same in every process that has the secret. */
export function trialAccount(secret: string, baseUrl = 'http://localhost'): TrialAccount {
  const authToken = createHmac('sha256', secret).update('the auth token of the trial carriers').digest('hex');
  return { authToken: authToken.slice(0, 32), webhookUrl: new URL('/webhooks/twilio', baseUrl).href };
}

/** `note` hears of each report that the app took. */
export function createReports(account: TrialAccount, note: (ref: string, told: Told) => Promise<void>): Reports {
  const waiting = new Map<string, Told>();
  const timers = new Set<NodeJS.Timeout>();
  let origin: string | undefined;

  function later(ms: number, work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      // An app that does not hear its carrier is no reason to fail.
      work().catch(() => undefined);
    }, ms).unref();
    timers.add(timer);
  }

  async function tell(ref: string): Promise<void> {
    const told = waiting.get(ref);
    if (!told || origin === undefined) return;
    const form = formOf(ref, told);
    const answer = await fetch(new URL(new URL(account.webhookUrl).pathname, origin), {
      method: 'POST',
      headers: { 'x-twilio-signature': signatureOf(account, form) },
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.arrayBuffer();
    if (answer.status === 204) await note(ref, told);
  }

  return {
    add(ref, told) {
      waiting.set(ref, told);
      for (const [place, ms] of AFTER_MS.entries()) {
        const isLast = place === AFTER_MS.length - 1;
        later(ms, () => tell(ref).finally(() => isLast && waiting.delete(ref)));
      }
    },
    callAt(address) {
      origin = address;
    },
    async tellNow() {
      await Promise.all([...waiting.keys()].map(tell));
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      waiting.clear();
    },
  };
}

type Form = Readonly<Record<string, string>>;

function formOf(ref: string, told: Told): Form {
  return { MessageSid: ref, MessageStatus: told, ...(told === 'undelivered' ? { ErrorCode: FILTERED } : {}) };
}

/** The address, then each name and value in the order of the names. */
function signatureOf({ authToken, webhookUrl }: TrialAccount, form: Form): string {
  const parameters = Object.keys(form)
    .sort()
    .map((name) => `${name}${form[name]}`);
  return createHmac('sha1', authToken)
    .update(webhookUrl + parameters.join(''))
    .digest('base64');
}
