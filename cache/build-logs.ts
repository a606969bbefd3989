// Whole logs of the steps of one build, kept after it: `builds/<time>-<process>/<vertex>.log`.

import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "./files.js";

/** Builds whose logs are kept. */
const KEPT = 50;

export class BuildLogs {
  readonly #parent: string;
  readonly #name = `${new Date().toISOString().replace(/[:.]/g, "-")}-${process.pid}`;
  readonly #files = new Map<string, number>();
  #isFull = false;

  /** @param parent the directory of all builds' logs. Nothing is made before the first line of a log */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Adds to the log of a vertex. A log that there is no room for is not worth a failure: it ends there. */
  write(vertex: string, data: Uint8Array): void {
    if (this.#isFull) return;
    try {
      writeSync(this.#open(vertex), data);
    } catch (error) {
      if (!["ENOSPC", "EDQUOT", "EROFS", "EACCES"].includes(errorCode(error) ?? "")) throw error;
      this.#isFull = true;
    }
  }

  /** Where the log of a vertex is; undefined when it has none. */
  path(vertex: string): string | undefined {
    return this.#files.has(vertex) ? this.#pathOf(vertex) : undefined;
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #open(vertex: string): number {
    const known = this.#files.get(vertex);
    if (known !== undefined) return known;
    if (this.#files.size === 0) this.#begin();
    const file = openSync(this.#pathOf(vertex), "a", 0o600);
    this.#files.set(vertex, file);
    return file;
  }

  #begin(): void {
    mkdirSync(join(this.#parent, this.#name), { recursive: true });
    const names = readdirSync(this.#parent).sort();
    for (const name of names.slice(0, Math.max(0, names.length - KEPT)))
      rmSync(join(this.#parent, name), { recursive: true, force: true });
  }

  #pathOf(vertex: string): string {
    return join(this.#parent, this.#name, `${encodeURIComponent(vertex)}.log`);
  }
}
