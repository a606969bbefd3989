// What is known of the files of a context from builds before: a digest for each file whose stat has not changed since.
// Kept in one file per context; anyone may delete it at any time.

import { type Digest, hexOf } from "../../oci/index.js";
import { readIfPresent, writeAtomically } from "./stat-file.js";
import { decodeStatTable, encodeStatTable } from "./stat-format.js";
import { type FileStamp, numbersOf, type StatRecord, StatTable } from "./stat-table.js";

/** A digest is remembered only when the file had been left alone this long before it was read. */
const RACY_NS = 2_000_000_000n;

export class StatIndex {
  readonly #file: string;
  readonly #loaded: StatTable;
  readonly #fresh = new Map<string, StatRecord>();
  #changed = false;

  private constructor(file: string, loaded: StatTable) {
    this.#file = file;
    this.#loaded = loaded;
  }

  /** A missing, damaged or foreign file is an empty index. */
  static async load(file: string): Promise<StatIndex> {
    const bytes = readIfPresent(file);
    return new StatIndex(file, (bytes && (await decodeStatTable(bytes))) ?? StatTable.of([]));
  }

  /** The digest of a file, when its stat is the one that it had when it was read. */
  find(path: string, stamp: FileStamp): Digest | undefined {
    return this.#loaded.find(path, stamp);
  }

  /**
   * Remembers a digest, unless the file may change once more without a sign: its times and those of a later change could
   * be equal when both fall in one tick of the filesystem's clock.
   * @param stamp was taken before the file was read.
   * @param readAt is a time before `stamp` was taken, in nanoseconds since the epoch.
   */
  put(path: string, stamp: FileStamp, digest: Digest, readAt: bigint): void {
    if (isRacy(stamp.mtimeNs, readAt) || isRacy(stamp.ctimeNs, readAt)) return;
    this.#fresh.set(path, { path, numbers: numbersOf(stamp), hex: hexOf(digest) });
    this.#changed = true;
  }

  /**
   * Writes the index when a digest came in since the last time: what this build found or put. Nothing is written where
   * the place is read-only or full, since the index only saves time.
   */
  async save(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    writeAtomically(this.#file, await encodeStatTable(this.#loaded.merge(this.#fresh)));
  }
}

function isRacy(time: bigint, readAt: bigint): boolean {
  const age = readAt - time;
  return age < RACY_NS && age > -RACY_NS;
}
