// Small JSON facts by key. A fact that cannot be read is a fact that is not known: damage costs a step, never a build.

import { statSync, utimesSync } from "node:fs";
import { errorCode, readIfPresent, writeFileAtomic } from "./files.js";
import type { StorePaths } from "./paths.js";

/** One table of facts, such as `k1`. Values are written once; writing the same key again replaces the value. */
export class Facts<Value> {
  readonly #paths: StorePaths;
  readonly #table: string;
  readonly #isValue: (value: unknown) => value is Value;

  /** `table` carries the version of key and value. `isValue` decides whether what was read is whole. */
  constructor(paths: StorePaths, table: string, isValue: (value: unknown) => value is Value) {
    this.#paths = paths;
    this.#table = table;
    this.#isValue = isValue;
  }

  get(key: string): Value | undefined {
    const bytes = readIfPresent(this.#paths.fact(this.#table, key));
    if (!bytes) return undefined;
    const value = parseOrUndefined(bytes);
    return this.#isValue(value) ? value : undefined;
  }

  /** As `get`, and notes that the fact is in use: prune keeps what a running build has used, and what was used lately. */
  use(key: string): Value | undefined {
    return touch(this.#paths.fact(this.#table, key)) ? this.get(key) : undefined;
  }

  put(key: string, value: Value): void {
    writeFileAtomic(this.#paths.fact(this.#table, key), `${JSON.stringify(value)}\n`);
  }
}

/** Facts that end with the process, and know nothing of what others wrote. */
export class PassingFacts<Value> extends Facts<Value> {
  readonly #values = new Map<string, Value>();

  override get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  override use(key: string): Value | undefined {
    return this.#values.get(key);
  }

  override put(key: string, value: Value): void {
    this.#values.set(key, value);
  }
}

/** False when the file is not there. A store that cannot be written to remembers no use. */
export function touch(path: string): boolean {
  const now = Date.now() / 1000;
  try {
    if (!statSync(path, { throwIfNoEntry: false })) return false; // cheaper than the error
    utimesSync(path, now, now);
  } catch (error) {
    return errorCode(error) !== "ENOENT";
  }
  return true;
}

export function parseOrUndefined(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
