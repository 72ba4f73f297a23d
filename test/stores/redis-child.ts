/** A second process on the same server. It does what its parent asks, one thing at a time, and answers how often that was ok. */
import { createClient } from 'redis';
import type { Commit } from '../../src/core/store.js';
import { redisStore } from '../../src/stores/redis.js';
import { answerTasks } from '../support/answer-tasks.js';
import { commitTimes } from './commit-times.js';

export interface Task {
  readonly owner: string;
  readonly step: Commit;
  readonly times: number;
}

const [, , url = '', prefix = ''] = process.argv;
// A clock that is wrong: the store must not ask it.
const wrong = Date.now() + 90_000;
Date.now = () => wrong;

const client = createClient({ url });
await client.on('error', () => {}).connect();
const store = redisStore({ client, prefix });
await store.ping();

answerTasks(({ owner, step, times }: Task) => commitTimes(store, owner, step, times));
