// Records of a stat index, in columns: reading tens of thousands of them makes no objects.

import type { BigIntStats } from "node:fs";
import type { Digest } from "../../oci/index.js";

/** What tells that a file has not changed. */
export type FileStamp = Pick<BigIntStats, "size" | "mtimeNs" | "ctimeNs" | "ino" | "mode">;

export interface StatRecord {
  readonly path: string;
  readonly stamp: FileStamp;
  readonly digest: Digest;
}

export const FIELDS = ["size", "mtimeNs", "ctimeNs", "ino", "mode"] as const;

export interface StatColumns {
  readonly paths: readonly string[];
  /**
   * For each record the numbers of `FIELDS`, one record after the other, as floating point. Nanoseconds since the epoch
   * are then exact to 256, far less than what the index takes for a sure difference.
   */
  readonly numbers: Float64Array;
  /** 64 hex digits for each record. */
  readonly digests: string;
}

export class StatTable {
  readonly columns: StatColumns;
  /** 1 for each row that `find` has given. */
  readonly #found: Uint8Array;
  #rows: ReadonlyMap<string, number> | undefined;
  /** Where the next path is likely to be: paths are asked for in the order in which they were written. */
  #next = 0;

  constructor(columns: StatColumns) {
    this.columns = columns;
    this.#found = new Uint8Array(columns.paths.length);
  }

  static of(records: readonly StatRecord[]): StatTable {
    return new StatTable({
      paths: records.map(({ path }) => path),
      numbers: Float64Array.from(records.flatMap(({ stamp }) => FIELDS.map((field) => Number(stamp[field])))),
      digests: records.map(({ digest }) => digest.slice("sha256:".length)).join(""),
    });
  }

  /** The digest of the record with this path and this stamp. */
  find(path: string, stamp: FileStamp): Digest | undefined {
    const row = this.#rowOf(path);
    if (row === undefined || !this.#isSame(row, stamp)) return undefined;
    this.#next = row + 1;
    this.#found[row] = 1;
    return this.#digestOf(row);
  }

  /** The records that were found. */
  *found(): Generator<StatRecord, void> {
    for (const [row, path] of this.columns.paths.entries()) {
      if (this.#found[row] !== 0) yield { path, stamp: this.#stampOf(row), digest: this.#digestOf(row) };
    }
  }

  #rowOf(path: string): number | undefined {
    const { paths } = this.columns;
    if (paths[this.#next] === path) return this.#next;
    this.#rows ??= new Map(paths.map((known, row) => [known, row]));
    return this.#rows.get(path);
  }

  #isSame(row: number, stamp: FileStamp): boolean {
    const { numbers } = this.columns;
    const start = row * FIELDS.length;
    return FIELDS.every((field, index) => numbers[start + index] === Number(stamp[field]));
  }

  #stampOf(row: number): FileStamp {
    const [size, mtimeNs, ctimeNs, ino, mode] = this.columns.numbers.subarray(row * FIELDS.length, (row + 1) * FIELDS.length);
    return { size: BigInt(size!), mtimeNs: BigInt(mtimeNs!), ctimeNs: BigInt(ctimeNs!), ino: BigInt(ino!), mode: BigInt(mode!) };
  }

  #digestOf(row: number): Digest {
    return `sha256:${this.columns.digests.slice(row * 64, row * 64 + 64)}`;
  }
}
