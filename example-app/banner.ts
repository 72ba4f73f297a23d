import type { Settings } from './settings.js';

export interface Started {
  readonly told: string;
  readonly sends: boolean;
  /** Behind the one port; undefined for a process alone. */
  readonly workers?: number;
  /** Where `PORT=0` took any. */
  readonly port?: number;
}

/** What the terminal shows when the app is there. No address or password of an engine. */
export function banner(settings: Settings, { told, sends, workers, port = settings.port }: Started): string {
  const host = settings.host === '0.0.0.0' ? 'localhost' : settings.host;
  const url = settings.baseUrl ?? `http://${host}:${port}`;
  const codes =
    settings.production || sends
      ? `Codes   by the carriers of the environment${settings.production ? '' : `; the rest lands in ${url}/inbox`}`
      : `Inbox   ${url}/inbox   texts, calls and mails land here; nothing is sent`;
  return `
  Harbour, the example app of express-mfa

    App     ${url}${workers === undefined ? '' : `   ${workers} processes`}
    ${codes}
    Kept    ${told}

  Next: open ${url}, create an account, and set up two-step sign-in.
  Step by step, with curl: example-app/README.md. Stop with Ctrl+C.
`;
}
