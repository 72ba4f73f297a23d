/** The end of an `AskedProcess` that works: says that it is ready, does each task it is sent, and ends with its parent. */
export function answerTasks<Task>(perform: (task: Task) => unknown, ready?: unknown): void {
  process.on('message', ({ id, task }: { id: number; task: Task }) => void answer(id, task));
  process.on('disconnect', () => process.exit());
  process.send?.({ id: 0, answer: ready });

  async function answer(id: number, task: Task): Promise<void> {
    try {
      process.send?.({ id, answer: await perform(task) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  }
}
