/** Processes of the operating system that serve one app from shared servers. */
import { type AskedProcess, startProcess } from '../../support/asked-process.js';
import type { Answers, AppOptions, Task } from './app-process.js';
import type { PassageNews } from './passages.js';

export interface AppProcess extends Pick<AskedProcess<Task>, 'kill' | 'gone'> {
  readonly url: string;
  ask<T extends Task>(task: T): Promise<Answers[T['do']]>;
  /** Resolves when the passage of that name was stopped, or has gone through. */
  passage(name: string): Promise<PassageNews>;
}

export async function startApp(options: AppOptions): Promise<AppProcess> {
  const waiting = new Map<string, (news: PassageNews) => void>();
  const app = await startProcess<Task>(new URL('./app-process.ts', import.meta.url), {
    args: [JSON.stringify(options)],
    onNews(news) {
      const passage = news as PassageNews;
      const name = 'stopped' in passage ? passage.stopped : passage.through;
      waiting.get(name)?.(passage);
      waiting.delete(name);
    },
  });
  return {
    url: `http://127.0.0.1:${String(app.ready)}`,
    gone: app.gone,
    kill: app.kill,
    ask: async <T extends Task>(task: T) => (await app.ask(task)) as Answers[T['do']],
    passage: (name) =>
      new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        void app.gone.then(() => reject(new Error('The process is gone.')));
      }),
  };
}
