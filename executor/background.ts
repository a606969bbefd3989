// Work whose result nobody waits for. Small things are done as soon as the steps that are ready have been started. Large ones,
// such as removing files, are done while a command is at work, which leaves this process idle. All are done when the build ends.

type Task = () => void;

export class Background {
  readonly #soon: Task[] = [];
  readonly #later: Task[] = [];
  #error: unknown;

  /** In order, and before all that is for later. */
  soon(task: Task): void {
    this.#soon.push(task);
    if (this.#soon.length === 1) setImmediate(() => this.#do(this.#soon));
  }

  later(task: Task): void {
    this.#later.push(task);
  }

  /** Does all that is there to do. A failure is told by `finish`. */
  work(): void {
    this.#do(this.#soon);
    this.#do(this.#later);
  }

  /** Does the rest. @throws what the first task that failed threw */
  finish(): void {
    this.work();
    if (this.#error !== undefined) throw this.#error;
  }

  #do(tasks: Task[]): void {
    for (const task of tasks.splice(0)) {
      try {
        task();
      } catch (error) {
        this.#error ??= error;
      }
    }
  }
}
