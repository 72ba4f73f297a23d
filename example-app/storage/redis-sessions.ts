import { RedisStore } from 'connect-redis';
import session, { type SessionData } from 'express-session';
import { inTime, type Redis } from './redis.js';
import { answer, type Done, type Sessions, userIdIn } from './sessions.js';

const PREFIX = 'harbour:session:';
const DAY_SECONDS = 24 * 60 * 60;

/** connect-redis under a time limit, and beside it the ids of each person's sessions. */
export class RedisSessions extends session.Store implements Sessions {
  readonly #client: Redis;
  readonly #kept: RedisStore;

  constructor(client: Redis) {
    super();
    this.#client = client;
    this.#kept = new RedisStore({ client, prefix: PREFIX });
  }

  get(id: string, done: Done): void {
    answer(done, inTime(this.#kept.get(id)));
  }

  set(id: string, kept: SessionData, done?: Done): void {
    answer(done, inTime(this.#write(id, kept)));
  }

  override touch(id: string, kept: SessionData, done?: Done): void {
    answer(done, inTime(this.#kept.touch(id, kept)));
  }

  destroy(id: string, done?: Done): void {
    answer(done, inTime(this.#kept.destroy(id)));
  }

  async endAllOf(userId: string): Promise<void> {
    const ids = await inTime(this.#client.sMembers(ofUser(userId)));
    await inTime(this.#client.del([ofUser(userId), ...ids.map((id) => `${PREFIX}${id}`)]));
  }

  /** The id is noted first: a session nobody can find could not be ended. */
  async #write(id: string, kept: SessionData): Promise<undefined> {
    const user = userIdIn(kept);
    if (user !== undefined) await this.#client.multi().sAdd(ofUser(user), id).expire(ofUser(user), DAY_SECONDS).exec();
    await this.#kept.set(id, kept);
  }
}

function ofUser(userId: string): string {
  return `harbour:sessions-of:${userId}`;
}
