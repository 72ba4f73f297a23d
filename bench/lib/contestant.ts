/** One server under test, in a process of its own: told what to do by messages, and asked what it cost. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Ready {
  readonly port: number;
}

export interface Cost {
  /** User and system time since the last question, microseconds. */
  readonly cpuMicros: number;
  /** Bytes. */
  readonly rss: number;
}

export class Contestant {
  readonly name: string;
  private readonly child: ChildProcess;
  port = 0;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.child = child;
  }

  static async start(name: string, file: string, env: Record<string, string> = {}): Promise<Contestant> {
    const path = fileURLToPath(new URL(`../servers/${file}.js`, import.meta.url));
    const child = fork(path, {
      env: { ...process.env, NODE_ENV: 'production', ...env },
    });
    const contestant = new Contestant(name, child);
    const [ready] = (await once(child, 'message')) as [Ready];
    contestant.port = ready.port;
    return contestant;
  }

  async ask<T>(question: object): Promise<T> {
    this.child.send(question);
    const [answer] = (await once(this.child, 'message')) as [T];
    return answer;
  }

  cost(): Promise<Cost> {
    return this.ask<Cost>({ ask: 'cost' });
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill();
    await gone;
  }
}
