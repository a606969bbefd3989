// Records of a stat index, in columns: reading tens of thousands of them makes no objects.

import type { BigIntStats } from "node:fs";
import type { Digest } from "../../oci/index.js";

/** What tells that a file has not changed. */
export type FileStamp = Pick<BigIntStats, "size" | "mtimeNs" | "ctimeNs" | "ino" | "mode">;

export interface StatRecord {
  readonly path: string;
  /** As `numbersOf` gives them. */
  readonly numbers: readonly number[];
  /** 64 hex digits. */
  readonly hex: string;
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
    return new StatTable({
      paths: records.map(({ path }) => path),
      numbers: concatenate(records),
      digests: records.map(({ hex }) => hex).join(""),
    });
  }

  /** The digest of the record with this path and this stamp. */
  find(path: string, stamp: FileStamp): Digest | undefined {
    const row = this.#rowOf(path);
    if (row === undefined) return undefined;
    this.#next = row + 1;
    if (!this.#isSame(row, stamp)) return undefined;
    this.#found[row] = 1;
    return `sha256:${this.#hexOf(row)}`;
  }

  /** The records that were found, each of `fresh` in the place of its old one, and the rest of `fresh`. */
  merge(fresh: ReadonlyMap<string, StatRecord>): StatTable {
    const records: StatRecord[] = [];
    const rest = new Map(fresh);
    for (const [row, path] of this.columns.paths.entries()) {
      const record = rest.get(path) ?? this.#recordOf(row, path);
      if (record) records.push(record);
      rest.delete(path);
    }
    return StatTable.of([...records, ...rest.values()]);
  }

  #recordOf(row: number, path: string): StatRecord | undefined {
    if (this.#found[row] === 0) return undefined;
    const { numbers } = this.columns;
    const at = row * NUMBERS;
    const own = [numbers[at]!, numbers[at + 1]!, numbers[at + 2]!, numbers[at + 3]!, numbers[at + 4]!];
    return { path, numbers: own, hex: this.#hexOf(row) };
  }

  #rowOf(path: string): number | undefined {
    const { paths } = this.columns;
    if (paths[this.#next] === path) return this.#next;
    this.#rows ??= new Map(paths.map((known, row) => [known, row]));
    return this.#rows.get(path);
  }

  /** As `numbersOf` has them. */
  #isSame(row: number, { size, mtimeNs, ctimeNs, ino, mode }: FileStamp): boolean {
    const { numbers } = this.columns;
    const at = row * NUMBERS;
    return (
      numbers[at] === Number(size) &&
      numbers[at + 1] === Number(mtimeNs) &&
      numbers[at + 2] === Number(ctimeNs) &&
      numbers[at + 3] === Number(ino) &&
      numbers[at + 4] === Number(mode)
    );
  }

  #hexOf(row: number): string {
    return this.columns.digests.slice(row * 64, row * 64 + 64);
  }
}

/** One number after the other: `TypedArray.set` would take ten times as long for so few at a time. */
function concatenate(records: readonly StatRecord[]): Float64Array {
  const all = new Float64Array(records.length * NUMBERS);
  let at = 0;
  for (const { numbers } of records) for (const number of numbers) all[at++] = number;
  return all;
}
