// Cache records as files: what a look-up needs is the first line, so that an unchanged build does not read what the keys
// of all its steps were made of. docs/formats.md, Cache records

import { closeSync, openSync, readSync } from "node:fs";
import { Facts, parseOrUndefined, PassingFacts, touch } from "./facts.js";
import { errorCode, storeError, writeFileAtomic } from "./files.js";
import type { StorePaths } from "./paths.js";
import { type CacheRecord, isCacheRecord, type RecordHead } from "./record.js";

const TABLE = "k1";

/** Bytes that are read of a record: heads are a quarter of it. */
const HEAD_BYTES = 4096;

const buffer = Buffer.allocUnsafe(HEAD_BYTES);

export interface Records extends Facts<CacheRecord> {
  /** As `use`, without what the key was made of. */
  useHead(key: string): RecordHead | undefined;
  /** As `get`, without what the key was made of. */
  getHead(key: string): RecordHead | undefined;
}

export class StoredRecords extends Facts<CacheRecord> implements Records {
  readonly #paths: StorePaths;

  constructor(paths: StorePaths) {
    super(paths, TABLE, isCacheRecord);
    this.#paths = paths;
  }

  useHead(key: string): RecordHead | undefined {
    const path = this.#paths.fact(TABLE, key);
    return touch(path) ? this.getHead(key) : undefined;
  }

  getHead(key: string): RecordHead | undefined {
    return readHead(this.#paths.fact(TABLE, key)) ?? this.get(key);
  }

  override put(key: string, { inputs, mounted, ...head }: CacheRecord): void {
    const [first, rest] = [head, { inputs, ...(mounted && { mounted }) }].map((part) => JSON.stringify(part));
    writeFileAtomic(this.#paths.fact(TABLE, key), `${first!.slice(0, -1)},\n${rest!.slice(1)}\n`);
  }
}

/** Records that end with the process, and know nothing of what others wrote. */
export class PassingRecords extends PassingFacts<CacheRecord> implements Records {
  constructor(paths: StorePaths) {
    super(paths, TABLE, isCacheRecord);
  }

  useHead(key: string): RecordHead | undefined {
    return this.use(key);
  }

  getHead(key: string): RecordHead | undefined {
    return this.get(key);
  }
}

/** Undefined for what does not begin with a line of its own, and for what is not there. */
function readHead(path: string): RecordHead | undefined {
  const read = readBeginning(path);
  const end = buffer.subarray(0, read).indexOf(",\n");
  if (end < 0) return undefined;
  const head = parseOrUndefined(Buffer.from(`${buffer.toString("utf8", 0, end)}}`));
  return isCacheRecord(head) ? head : undefined;
}

/** Fills `buffer`. @returns how many bytes there are */
function readBeginning(path: string): number {
  try {
    const file = openSync(path, "r");
    try {
      return readSync(file, buffer, 0, HEAD_BYTES, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (errorCode(error) === "ENOENT") return 0;
    throw storeError(error, path);
  }
}
