// The store as the inventory looks at it: sizes, times, who needs what.

import { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { lastUse, type Store, type UseKind } from "../cache/index.js";
import { bytesOnDisk } from "./blocks.js";
import { TYPES, type Unit, type UnitKind } from "./unit.js";

/** What a disk and a network do in a millisecond, in bytes: to compare with the time that a step takes. */
export const UNPACKED_EACH_MS = 200_000;
export const FETCHED_EACH_MS = 20_000;

/** Milliseconds: times of files lag behind the clock by less. */
export const MARGIN = 50;

export interface Times {
  readonly created: number;
  readonly lastUsed: number;
}

export class StoreView {
  readonly store: Store;
  readonly #imageBlobs: ReadonlySet<string>;
  readonly #busySince: number | undefined;

  constructor(store: Store, imageBlobs: ReadonlySet<string>, busySince: number | undefined) {
    this.store = store;
    this.#imageBlobs = imageBlobs;
    this.#busySince = busySince;
  }

  /** What units have in common. */
  unit(
    kind: UnitKind,
    id: string,
    description: string,
    { created, lastUsed }: Times,
  ): Omit<Unit, "size" | "cost" | "parts"> {
    const inUse = this.#busySince !== undefined && lastUsed >= this.#busySince - MARGIN;
    const common = { kind, type: TYPES[kind], id, description, created, lastUsed, inUse };
    return { ...common, shared: false, mutable: false, standsOn: [] };
  }

  /** Whether an image has the blob. */
  isInImage(hex: string): boolean {
    return this.#imageBlobs.has(hex);
  }

  /** Of those blobs that no image has. */
  sizeOfBlobs(blobs: readonly string[]): number {
    return blobs.filter((hex) => !this.isInImage(hex)).reduce((sum, hex) => sum + bytesOnDisk(this.#blob(hex)), 0);
  }

  /** Undefined when the store has none of them. */
  timesOfBlobs(blobs: readonly string[]): Times | undefined {
    const all = blobs.flatMap((hex) => statSync(this.#blob(hex), { throwIfNoEntry: false }) ?? []);
    if (all.length === 0) return undefined;
    return {
      created: Math.min(...all.map(({ mtimeMs }) => mtimeMs)),
      lastUsed: Math.max(...all.map(({ mtimeMs, ctimeMs }) => Math.max(mtimeMs, ctimeMs))),
    };
  }

  /** Of a directory: made when it was renamed to its place, used when that was noted. */
  timesOf(path: string, kind: UseKind, name: string): Times {
    const created = statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0;
    return { created, lastUsed: Math.max(created, lastUse(this.store.paths, kind, name) ?? 0) };
  }

  /** Of a directory that never changes: counted once, and kept in the file that notes its use. */
  sizeOfFixed(path: string, kind: UseKind, name: string): number {
    const note = this.store.paths.use(kind, name);
    const known = readNumber(note);
    if (known !== undefined) return known;
    const size = bytesOnDisk(path);
    keepNumber(note, size);
    return size;
  }

  #blob(hex: string): string {
    return `${this.store.paths.blobs}/${hex}`;
  }
}

function readNumber(path: string): number | undefined {
  try {
    const text = readFileSync(path, "latin1");
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined; // not noted: it is counted
  }
}

/** The time of the file is the time of the last use, and stays. */
function keepNumber(path: string, size: number): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  try {
    writeFileSync(path, String(size));
    utimesSync(path, stats.atime, stats.mtime);
  } catch {
    // of a store that cannot be written to it is counted again the next time
  }
}
