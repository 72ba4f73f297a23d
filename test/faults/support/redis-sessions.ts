import session, { type SessionData } from 'express-session';
import type { RedisClientType } from 'redis';

/** Sessions in Redis, as hosts with several processes have them; like the usual store of that kind, it says when the server is gone and when it is back. */
export class RedisSessions extends session.Store {
  private readonly client: Pick<RedisClientType, 'get' | 'set' | 'del' | 'on'>;
  private readonly prefix: string;

  constructor(client: Pick<RedisClientType, 'get' | 'set' | 'del' | 'on'>, prefix: string) {
    super();
    this.client = client;
    this.prefix = prefix;
    client.on('ready', () => this.emit('connect'));
    client.on('error', () => this.emit('disconnect'));
  }

  override get(id: string, done: (error: unknown, kept?: SessionData | null) => void): void {
    this.client.get(this.prefix + id).then((text) => done(null, text === null ? null : JSON.parse(text)), done);
  }

  override set(id: string, kept: SessionData, done: (error?: unknown) => void = () => undefined): void {
    const expiration = { type: 'EX', value: 3600 } as const;
    this.client.set(this.prefix + id, JSON.stringify(kept), { expiration }).then(() => done(), done);
  }

  override destroy(id: string, done: (error?: unknown) => void = () => undefined): void {
    this.client.del(this.prefix + id).then(() => done(), done);
  }
}
