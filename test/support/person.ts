/** Somebody with a browser (or a JSON client) and an authenticator app, doing what people do through the public routes. */
import { generateSync } from 'otplib';
import request, { type Test } from 'supertest';
import { PASSWORD, type TestHost, type TestUser } from './host.js';

export class Person {
  readonly host: TestHost;
  readonly user: TestUser;
  agent: ReturnType<typeof request.agent>;
  secret = '';
  backupCodes: string[] = [];
  factorId = '';

  constructor(host: TestHost, name: string) {
    this.host = host;
    this.user = host.users.get(`user-${name}`) ?? host.addUser(name);
    this.agent = request.agent(host.app);
  }

  /** The same person in another browser. */
  elsewhere(): Person {
    const other = new Person(this.host, this.user.id.replace('user-', ''));
    other.secret = this.secret;
    other.backupCodes = this.backupCodes;
    other.factorId = this.factorId;
    return other;
  }

  /** What the authenticator app shows, `steps` from now. */
  code(steps = 0): string {
    return generateSync({ secret: this.secret, epoch: Math.floor(this.host.clock() / 1000) + steps * 30 });
  }

  /** The code of the newest text or call. */
  texted(): string {
    return this.host.inbox.messages().at(-1)?.code ?? 'nothing arrived';
  }

  /** The next code the app will show: the present one may have been used. */
  nextCode(): string {
    this.host.clock.advance(30_000);
    return this.code();
  }

  password(password = PASSWORD): Test {
    return this.agent.post('/login').set('Accept', 'application/json').send({ username: this.user.email, password });
  }

  get(path: string): Test {
    return this.agent.get(path).set('Accept', 'application/json');
  }

  post(path: string, body: object = {}): Test {
    return this.agent.post(path).set('Accept', 'application/json').send(body);
  }

  delete(path: string): Test {
    return this.agent.delete(path).set('Accept', 'application/json');
  }

  verify(body: object): Test {
    return this.post('/mfa/challenge/verify', body);
  }

  /** Signs in with the password and sets an authenticator app up. */
  async enrolsTotp(name?: string): Promise<this> {
    await this.password().expect(302);
    return await this.addsTotp(name);
  }

  /** Sets an authenticator app up in a session that may. */
  async addsTotp(name?: string): Promise<this> {
    const begun = await this.post('/mfa/factors/totp', name === undefined ? {} : { name }).expect(201);
    this.secret = begun.body.secret;
    this.factorId = begun.body.id;
    const confirmed = await this.post(`/mfa/factors/${begun.body.id}/confirm`, { code: this.code() }).expect(200);
    this.backupCodes = confirmed.body.backupCodes ?? this.backupCodes;
    return this;
  }

  /** Password and authenticator app. */
  async signsIn(): Promise<this> {
    await this.password().expect(200);
    await this.verify({ code: this.nextCode() }).expect(200);
    return this;
  }

  async signsOut(): Promise<this> {
    await this.agent.post('/logout').expect(302);
    return this;
  }

  /** A form of one of our pages, filled in and sent as a browser does: with its hidden fields. */
  async submits(page: string, action: string, fields: Record<string, string> = {}): Promise<request.Response> {
    const shown = await this.agent.get(page).set('Accept', 'text/html');
    return await this.agent
      .post(action)
      .set('Accept', 'text/html')
      .type('form')
      .send({ ...hiddenFields(shown.text, action), ...fields });
  }
}

/** The hidden fields of the form with that action. */
export function hiddenFields(html: string, action: string): Record<string, string> {
  const form = html.split('<form').find((part) => part.includes(`action="${action}"`)) ?? html;
  const fields = [
    ...(form.split('</form>')[0]?.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g) ?? []),
  ];
  return Object.fromEntries(fields.map(([, name, value]) => [String(name), unescaped(String(value))]));
}

function unescaped(html: string): string {
  const characters: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&amp;': '&' };
  return html.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => characters[entity] ?? entity);
}
