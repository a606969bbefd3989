// What is kept of one build: `builds/<id>/` with its record, the whole logs of its steps, and `owner` while it runs. On a disk
// that is full `owner` becomes `ended-<status>`, for which no room is needed.

import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { TsbuildError } from "../errors.js";
import { errorCode, makeDirectories, readIfPresent, writeFileAtomic } from "./files.js";
import { isAlive, ownIdentity } from "./owner.js";

/** Builds that are kept. */
const KEPT = 200;

/** Ids sort by time, to the millisecond: `20260131T120000123-9f3a`. */
const ID = /^\d{8}T\d{9}-[0-9a-f]{4}$/;

const ENDED = "ended-";

export class BuildDirectory {
  readonly id = newId();
  readonly #parent: string;
  readonly #files = new Map<string, number>();
  #hasBegun = false;
  #isDiscarded = false;
  /** Logs that there was no room for. */
  readonly #full = new Set<string>();

  /** @param parent the directory of all builds. Nothing is made before something is to be kept */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /** Adds to the log of a vertex. A log that there is no room for is not worth a failure: it ends there. */
  write(vertex: string, data: Uint8Array): void {
    if (this.#full.has(vertex)) return;
    if (!this.#attempt(() => writeSync(this.#open(vertex), data))) this.#full.add(vertex);
  }

  /** Keeps what is known of the build, in place of what was kept of it before. @returns false when there is no room for it */
  saveRecord(record: object): boolean {
    return this.#attempt(() => {
      this.#begin();
      writeFileAtomic(recordPath(this.#parent, this.id), `${JSON.stringify(record)}\n`);
    });
  }

  /** Keeps how the build ended where there is no room for its record. */
  markEnd(status: string): void {
    if (this.#hasBegun)
      this.#attempt(() => renameSync(ownerPath(this.#parent, this.id), this.#file(`${ENDED}${status}`)));
  }

  /** From now on nothing is kept, neither record nor logs. */
  discard(): void {
    this.#isDiscarded = true;
  }

  /** Where the log of a vertex is; undefined when it has none. */
  path(vertex: string): string | undefined {
    return this.#files.has(vertex) ? logPath(this.#parent, this.id, vertex) : undefined;
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
    if (this.#hasBegun) rmSync(ownerPath(this.#parent, this.id), { force: true });
  }

  /** @returns false when the store cannot be written */
  #attempt(write: () => void): boolean {
    if (this.#isDiscarded) return true;
    try {
      write();
      return true;
    } catch (error) {
      if (!isUnwritable(error)) throw error;
      return false;
    }
  }

  #file(name: string): string {
    return join(this.#parent, this.id, name);
  }

  #open(vertex: string): number {
    const known = this.#files.get(vertex);
    if (known !== undefined) return known;
    this.#begin();
    const file = openSync(logPath(this.#parent, this.id, vertex), "a", 0o600);
    this.#files.set(vertex, file);
    return file;
  }

  #begin(): void {
    if (this.#hasBegun) return;
    makeDirectories(this.#parent);
    mkdirSync(join(this.#parent, this.id), { mode: 0o700 });
    this.#hasBegun = true;
    writeFileAtomic(ownerPath(this.#parent, this.id), ownIdentity());
    for (const id of buildIds(this.#parent).slice(KEPT)) removeBuild(this.#parent, id);
  }
}

/** What was kept of builds, as ids; the latest first. */
export function buildIds(parent: string): string[] {
  return namesIn(parent)
    .filter((name) => ID.test(name))
    .sort()
    .reverse();
}

/**
 * The record of a build as it was saved, whoever wrote it; undefined when it has none that can be read.
 * @param text that it has to have somewhere: others are not taken apart
 */
export function readBuildRecord(parent: string, id: string, text?: string): unknown {
  const bytes = readIfPresent(recordPath(parent, id));
  if (text !== undefined && !bytes?.includes(JSON.stringify(text))) return undefined;
  try {
    return bytes && (JSON.parse(bytes.toString("utf8")) as unknown);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether the process of a build lives. */
export function isRunning(parent: string, id: string): boolean {
  const path = ownerPath(parent, id);
  const owner = readIfPresent(path)?.toString("utf8");
  return owner !== undefined && isAlive(owner, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

/** All that a step printed; undefined when it printed nothing. */
export function readBuildLog(parent: string, id: string, vertex: string): Buffer | undefined {
  return readIfPresent(logPath(parent, id, vertex));
}

/** How a build ended whose record could not be written any more; undefined when it could. */
export function endOf(parent: string, id: string): string | undefined {
  const mark = namesIn(join(parent, id)).find((name) => name.startsWith(ENDED));
  return mark?.slice(ENDED.length);
}

/** @returns false when the build is running: it stays */
export function removeBuild(parent: string, id: string): boolean {
  if (isRunning(parent, id)) return false;
  rmSync(join(parent, id), { recursive: true, force: true });
  return true;
}

function newId(): string {
  const time = new Date().toISOString().replace(/[-:.Z]/g, "");
  return `${time}-${randomBytes(2).toString("hex")}`;
}

function recordPath(parent: string, id: string): string {
  return join(parent, id, "build.json");
}

function ownerPath(parent: string, id: string): string {
  return join(parent, id, "owner");
}

function logPath(parent: string, id: string, vertex: string): string {
  return join(parent, id, `${encodeURIComponent(vertex)}.log`);
}

function isUnwritable(error: unknown): boolean {
  if (error instanceof TsbuildError) return error.code === "store_full" || error.code === "store_unwritable";
  return ["ENOSPC", "EDQUOT", "EROFS", "EACCES"].includes(errorCode(error) ?? "");
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
}
