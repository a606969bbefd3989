// Small JSON facts by key. A fact that cannot be read is a fact that is not known: damage costs a step, never a build.

import { readIfPresent, writeFileAtomic } from "./files.js";
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

  put(key: string, value: Value): void {
    writeFileAtomic(this.#paths.fact(this.#table, key), `${JSON.stringify(value)}\n`);
  }
}

function parseOrUndefined(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
