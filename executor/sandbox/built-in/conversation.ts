// What is said with one launcher: programs go there, records and the command's output come back.

import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { SandboxOptions } from "../runtime.js";
import { type LauncherRecord, RecordReader } from "./record.js";

/** The streams of a launcher that was started. */
export interface LauncherStreams {
  readonly control: Socket;
  /** Null when the command has the streams of this process. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** Of the launcher, or of a program that started it. Absent where that is not known. */
  readonly pid?: number | undefined;
  /** Settles when nothing of the launcher is left. Fails when it cannot be started. */
  readonly gone: Promise<void>;
}

/** Called when the child waits in `sync`: writes its identity maps. The child goes on when the promise is fulfilled. */
export type OnChild = (pid: number) => Promise<void>;

export class Conversation {
  /**
   * The first error, or how the command ended; undefined when the launcher was killed. Comes when nothing of the sandbox is left,
   * and all that was written in it has been read; the launcher itself ends a moment later. Fails when it cannot be started.
   */
  readonly last: Promise<LauncherRecord | undefined>;
  readonly #streams: LauncherStreams;
  readonly #onChild: OnChild | undefined;
  readonly #records = new RecordReader();
  /** What is told when an answer has been given. */
  #held: Uint8Array[] | undefined;
  /** Why `onChild` failed. */
  #failure: unknown;
  #unkept: number | undefined;

  constructor(streams: LauncherStreams, onChild?: OnChild) {
    this.#streams = streams;
    this.#onChild = onChild;
    this.last = this.#end();
    this.last.catch(() => {}); // reaches whoever waits for it
    for (const stream of this.#all()) stream.on("error", () => {}); // the launcher ended early: its end tells
  }

  /** Settles when nothing of the launcher is left, even if it could not be started. */
  get gone(): Promise<void> {
    return this.#streams.gone.catch(() => {});
  }

  /** False when the launcher is gone, or about to go. */
  get isOpen(): boolean {
    return !this.#streams.control.destroyed;
  }

  /** Of the launcher, or of a program that started it. */
  get pid(): number | undefined {
    return this.#streams.pid;
  }

  /** Why owners of the step's files could not be kept, as an errno. */
  get unkept(): number | undefined {
    return this.#unkept;
  }

  /** @param asks the program has a `sync`: whatever is told after it comes behind the answer */
  tell(program: Uint8Array, asks = false): void {
    if (this.#held) this.#held.push(program);
    else this.#streams.control.write(program);
    if (asks) this.#held = [];
  }

  onOutput(onOutput: SandboxOptions["onOutput"]): void {
    this.#streams.stdout?.on("data", (data: Uint8Array) => onOutput(1, data));
    this.#streams.stderr?.on("data", (data: Uint8Array) => onOutput(2, data));
  }

  /** The launcher kills all that is in its sandbox, and ends. */
  kill(): void {
    this.#streams.control.destroy();
  }

  /** As `kill`, of a launcher whose output nobody reads. */
  dismiss(): void {
    for (const stream of this.#all()) stream.resume(); // else its end is not seen
    this.kill();
  }

  /** Whether this process goes on while the launcher is there. */
  hold(isHeld: boolean): void {
    for (const stream of this.#all())
      if (isHeld) stream.ref();
      else stream.unref();
  }

  #all(): Socket[] {
    const { control, stdout, stderr } = this.#streams;
    return [control, stdout, stderr].filter((stream) => stream !== null) as Socket[];
  }

  async #end(): Promise<LauncherRecord | undefined> {
    const { stdout, stderr, gone } = this.#streams;
    const lastWord = this.#listen();
    if (!stdout || !stderr) await gone; // nothing else tells when the command's streams are this process's own again
    const [last] = await Promise.race([Promise.all([lastWord, endOf(stdout), endOf(stderr)]), failureOf(gone)]);
    if (this.#failure !== undefined) throw this.#failure;
    return last;
  }

  /** The first record but for those that want an answer. */
  #listen(): Promise<LauncherRecord | undefined> {
    const { control } = this.#streams;
    return new Promise((resolve) => {
      control.on("data", (data: Uint8Array) => {
        for (const record of this.#records.read(data)) {
          if (record.kind === "child") void this.#answer(record.number);
          else if (record.kind === "unkept") this.#unkept = record.number;
          else resolve(record);
        }
      });
      control.on("close", () => resolve(undefined));
    });
  }

  async #answer(pid: number): Promise<void> {
    try {
      await this.#onChild?.(pid);
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const program of [Buffer.from("\n"), ...held]) this.tell(program);
    } catch (error) {
      this.#failure = error;
      this.kill();
    }
  }
}

function endOf(stream: Readable | null): Promise<void> {
  return new Promise((resolve) => {
    if (!stream) return resolve();
    stream.once("end", resolve);
    stream.once("close", resolve);
  });
}

/** Never comes when all goes well. */
async function failureOf(work: Promise<void>): Promise<never> {
  await work;
  return new Promise(() => {});
}
