/** The mail server as a process of its own; asked by `startProcess`. What it says when it is ready is its port. */
import { answerTasks } from '../support/answer-tasks.js';
import { type MailFault, mailServer } from './mail-server.js';

export type MailTask =
  | { readonly do: 'fault'; readonly fault: MailFault }
  /** The newest code for an address. */
  | { readonly do: 'code for'; readonly to: string }
  | { readonly do: 'count' };

const server = await mailServer();

answerTasks((task: MailTask) => {
  switch (task.do) {
    case 'fault':
      return server.fault(task.fault);
    case 'code for':
      return server.codeFor(task.to);
    case 'count':
      return server.mails.length;
    default:
      throw new Error('no such task');
  }
}, server.port);
