// Threads that hash bytes and write them to files, so that the main thread has only to bring them.
// https://nodejs.org/api/worker_threads.html

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

/** What a thread is told. Without `bytes`: that was the last of the file. */
export interface WriterOrder {
  readonly file: number;
  readonly fd: number;
  readonly bytes?: Uint8Array;
}

/** What it answers to each, in order. The digest comes with the last. */
export interface WriterAnswer {
  readonly file: number;
  readonly sha256?: string;
  /** As it can be sent from thread to thread. */
  readonly error?: { readonly message: string; readonly code?: string | undefined };
}

/** The end of one file in a thread. */
export interface WriterFile {
  order(bytes?: Uint8Array): void;
  /** After the last answer. */
  close(): void;
}

const MOST_THREADS = 4;
const threads: WriterThread[] = [];
let files = 0;

/** Chooses a thread for the file open at `fd`. @param onAnswer told once for each order, in their order */
export function openWriter(fd: number, onAnswer: (answer: WriterAnswer) => void): WriterFile {
  const idle = threads.find(({ load }) => load === 0);
  const isFull = threads.length >= Math.min(availableParallelism(), MOST_THREADS);
  const thread = idle ?? (isFull ? threads.reduce((a, b) => (b.load < a.load ? b : a)) : startThread());
  return thread.open((files += 1), fd, onAnswer);
}

function startThread(): WriterThread {
  const thread = new WriterThread();
  threads.push(thread);
  thread.onEnd(() => void threads.splice(threads.indexOf(thread), 1));
  return thread;
}

class WriterThread {
  readonly #worker = new Worker(`(${work.toString()})()`, { eval: true });
  readonly #files = new Map<number, (answer: WriterAnswer) => void>();
  /** Why it ended. */
  #failure: Error | undefined;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (answer: WriterAnswer) => this.#files.get(answer.file)?.(answer));
    this.#worker.on("error", (error) => this.#fail(error));
  }

  /** Files that are being written. */
  get load(): number {
    return this.#files.size;
  }

  onEnd(listener: () => void): void {
    this.#worker.once("exit", listener);
  }

  open(file: number, fd: number, onAnswer: (answer: WriterAnswer) => void): WriterFile {
    this.#files.set(file, onAnswer);
    this.#worker.ref(); // the process waits for what is being written
    return { order: (bytes) => this.#order({ file, fd, ...(bytes && { bytes }) }), close: () => this.#close(file) };
  }

  #order(order: WriterOrder): void {
    if (this.#failure === undefined) this.#worker.postMessage(order);
    else queueMicrotask(() => this.#files.get(order.file)?.({ file: order.file, error: this.#failure! }));
  }

  #close(file: number): void {
    this.#files.delete(file);
    if (this.load === 0) this.#worker.unref();
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const [file, tell] of this.#files) tell({ file, error });
  }
}

/** The thread. Its text is sent there: it must not use anything of this module. */
function work(): void {
  const { createHash } = process.getBuiltinModule("node:crypto");
  const { writeSync } = process.getBuiltinModule("node:fs");
  const { parentPort } = process.getBuiltinModule("node:worker_threads");
  const hashes = new Map<number, ReturnType<typeof createHash>>();
  const write = (fd: number, bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
  };
  const obey = ({ file, fd, bytes }: WriterOrder): WriterAnswer => {
    const hash = hashes.get(file) ?? createHash("sha256");
    hashes.set(file, hash);
    if (bytes === undefined) {
      hashes.delete(file);
      return { file, sha256: hash.digest("hex") };
    }
    hash.update(bytes);
    write(fd, bytes);
    return { file };
  };
  parentPort!.on("message", (order: WriterOrder) => {
    try {
      parentPort!.postMessage(obey(order));
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      parentPort!.postMessage({ file: order.file, error: { message, code } } satisfies WriterAnswer);
    }
  });
}
