// A process that is asked and answers in lines of JSON, each with a number that tells which belong together.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Spawned } from "./users.js";

export interface Answer {
  readonly id: number;
  /** Output on the way to the answer, in base64. */
  readonly stream?: 1 | 2;
  readonly data?: string;
  readonly result?: unknown;
  readonly error?: object;
}

/** The beginning of such a program: `answer(work)` calls `work(request, onOutput, signal)` for each request. */
export const ANSWERING = `
  import { createInterface } from "node:readline";
  const tell = (answer) => process.stdout.write(JSON.stringify(answer) + "\\n");
  const revive = (key, value) => (key === "content" && typeof value?.base64 === "string" ? Buffer.from(value.base64, "base64") : value);
  async function answer(work) {
    const aborts = new Map();
    for await (const line of createInterface({ input: process.stdin })) {
      const { id, request, isAborted } = JSON.parse(line, revive);
      if (!request) { aborts.get(id)?.abort(); continue; }
      const controller = new AbortController();
      aborts.set(id, controller);
      if (isAborted) controller.abort();
      const onOutput = (stream, data) => tell({ id, stream, data: Buffer.from(data).toString("base64") });
      Promise.resolve(work(request, onOutput, controller.signal)).then(
        (result) => tell({ id, result: result ?? null }),
        (error) => tell({ id, error: { ...error, message: error.message, stack: error.stack } }),
      );
    }
  }
`;

export class LineProcess {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #ended: Promise<void>;
  #isOver = false;
  #count = 0;

  constructor({ file, args, options }: Spawned) {
    this.#process = spawn(file, args, { ...options, stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.#process.stdout! }).on("line", (line) => {
      const answer = JSON.parse(line) as Answer;
      this.#waiting.get(answer.id)?.(answer);
    });
    this.#process.stdin!.on("error", () => {}); // it ended: whoever waits is told
    this.#ended = new Promise((resolve) => this.#process.on("close", () => resolve(this.#giveUp())));
  }

  #giveUp(): void {
    this.#isOver = true;
    for (const [id, tell] of this.#waiting) tell({ id, error: { message: "the process ended before it answered" } });
  }

  ask(request: object, onOutput: (stream: 1 | 2, data: Uint8Array) => void, signal?: AbortSignal): Promise<unknown> {
    const id = this.#count++;
    const send = (words: object): void => void this.#process.stdin!.write(`${JSON.stringify({ id, ...words })}\n`);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ stream, data, result, error }) => {
        if (stream) return onOutput(stream, Buffer.from(data!, "base64"));
        this.#waiting.delete(id);
        if (error) reject(Object.assign(new Error(), error));
        else resolve(result);
      });
      if (this.#isOver) return this.#giveUp();
      send({ request, isAborted: signal?.aborted });
      signal?.addEventListener("abort", () => send({}), { once: true });
    });
  }

  /** Lets it end, when it has answered all. */
  async close(): Promise<void> {
    this.#process.stdin!.end();
    await this.#ended;
  }
}
