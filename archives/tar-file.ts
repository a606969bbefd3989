// A tar that is written file by file to a place, whole or not at all.

import { createWriteStream } from "node:fs";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import tar from "tar-stream";
import { isReplaceable, type StagedFile, stageFile } from "../cache/index.js";
import { TsbuildError } from "../errors.js";
import type { ArchiveEntry } from "./entry.js";
import { outputError } from "./output-error.js";

/** Nothing is at a path before `finish()`. Streams, devices, pipes and links are written through. Whoever makes one closes it. */
export class TarFile {
  readonly #dest: string | Writable;
  readonly #signal: AbortSignal | undefined;
  readonly #staged: StagedFile | undefined;
  readonly #pack = tar.pack();
  readonly #written: Promise<void>;
  /** Why the place cannot be written. */
  #failure: NodeJS.ErrnoException | undefined;

  /** @throws output_failed */
  constructor(dest: string | Writable, signal?: AbortSignal) {
    this.#dest = dest;
    this.#signal = signal;
    this.#staged = this.#stage();
    const output = typeof dest === "string" ? createWriteStream(this.#staged?.path ?? dest) : dest;
    output.once("error", (error: NodeJS.ErrnoException) => (this.#failure = error));
    this.#written = pipeline(this.#pack, output, signal ? { signal } : {});
    this.#written.catch((error: Error) => this.#pack.destroy(error));
  }

  /** One file after the other. @throws output_failed; what reading the content throws */
  async add({ name, size, content }: ArchiveEntry): Promise<void> {
    try {
      const entry = this.#pack.entry({ name, size, mode: 0o644, mtime: new Date(0), type: "file" });
      await pipeline(content instanceof Readable ? content : Readable.from(content), entry);
    } catch (error) {
      throw this.#reason(error);
    }
  }

  /** Ends the tar, and shows it. @throws output_failed */
  async finish(): Promise<void> {
    try {
      this.#pack.finalize();
      await this.#written;
      this.#staged?.commit();
    } catch (error) {
      throw outputError(error, this.#dest, this.#signal);
    }
  }

  /** Leaves no unfinished file behind. */
  async close(): Promise<void> {
    this.#pack.destroy();
    await this.#written.catch(() => {});
    this.#staged?.end();
  }

  #stage(): StagedFile | undefined {
    if (typeof this.#dest !== "string") return undefined;
    try {
      return isReplaceable(this.#dest) ? stageFile(this.#dest) : undefined;
    } catch (error) {
      const isStore = error instanceof TsbuildError && error.code === "store_unwritable"; // it is no store
      throw outputError(isStore ? error.cause : error, this.#dest);
    }
  }

  /** What fails after the place did, fails because of it. */
  #reason(error: unknown): unknown {
    const isOfPlace = ["open", "write"].includes(this.#failure?.syscall ?? "");
    return isOfPlace ? outputError(this.#failure, this.#dest, this.#signal) : error;
  }
}
