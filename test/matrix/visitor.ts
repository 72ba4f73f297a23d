/** A client with one cookie, over real HTTP. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class Visitor {
  readonly #base: string;
  /** The session cookie; empty for somebody who has none. */
  cookie: string;

  constructor(base: string, cookie = '') {
    this.#base = base;
    this.cookie = cookie;
  }

  get(path: string): Promise<Answer> {
    return this.#ask(path, {});
  }

  post(path: string, body: object = {}): Promise<Answer> {
    return this.#ask(path, { method: 'POST', body: JSON.stringify(body) });
  }

  /** Somebody else who holds the cookie of now. */
  thief(): Visitor {
    return new Visitor(this.#base, this.cookie);
  }

  async #ask(path: string, how: RequestInit): Promise<Answer> {
    const headers = { accept: 'application/json', 'content-type': 'application/json', cookie: this.cookie };
    const response = await fetch(this.#base + path, { ...how, headers, redirect: 'manual' });
    const set = response.headers.getSetCookie().find((one) => one.startsWith('connect.sid='));
    if (set) this.cookie = set.split(';')[0] ?? '';
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
  }
}
