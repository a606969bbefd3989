// Work whose result nobody waits for, such as removing files: it is done while a command is at work, which leaves this process
// idle, and at the latest when the build ends.

export class Background {
  readonly #tasks: (() => void)[] = [];
  #error: unknown;

  later(task: () => void): void {
    this.#tasks.push(task);
  }

  /** Does all that is there to do. A failure is told by `finish`. */
  work(): void {
    for (const task of this.#tasks.splice(0)) {
      try {
        task();
      } catch (error) {
        this.#error ??= error;
      }
    }
  }

  /** Does the rest. @throws what the first task that failed threw */
  finish(): void {
    this.work();
    if (this.#error !== undefined) throw this.#error;
  }
}
