// Records of a stat index, in columns: reading tens of thousands of them makes no objects.

import type { BigIntStats } from "node:fs";
import type { Digest } from "../../oci/index.js";

/** What tells that a file has not changed. */
export type FileStamp = Pick<BigIntStats, "size" | "mtimeNs" | "ctimeNs" | "ino" | "mode">;

export interface StatRecord {
  readonly path: string;
  /** As `numbersOf` gives them. */
  readonly numbers: Iterable<number>;
  readonly digest: Digest;
}

export const NUMBERS = 5;

/** A stamp as floating point. Nanoseconds since the epoch are then exact to 256, far below what two times must differ by. */
export function numbersOf({ size, mtimeNs, ctimeNs, ino, mode }: FileStamp): number[] {
  return [Number(size), Number(mtimeNs), Number(ctimeNs), Number(ino), Number(mode)];
}

export interface StatColumns {
  readonly paths: readonly string[];
  /** `NUMBERS` for each record, one record after the other. */
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
    const numbers = new Float64Array(records.length * NUMBERS);
    for (const [row, record] of records.entries()) numbers.set([...record.numbers], row * NUMBERS);
    return new StatTable({
      paths: records.map(({ path }) => path),
      numbers,
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
      if (this.#found[row] !== 0) yield { path, numbers: this.#numbersOf(row), digest: this.#digestOf(row) };
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
    const start = row * NUMBERS;
    return numbersOf(stamp).every((number, index) => numbers[start + index] === number);
  }

  #numbersOf(row: number): Float64Array {
    return this.columns.numbers.subarray(row * NUMBERS, (row + 1) * NUMBERS);
  }

  #digestOf(row: number): Digest {
    return `sha256:${this.columns.digests.slice(row * 64, row * 64 + 64)}`;
  }
}
