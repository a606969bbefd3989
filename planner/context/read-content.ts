// Reads the content of one file of a context for its digest.
//
// Small files are read in the calling thread, which costs a fifth of what the thread pool does; large ones are streamed
// through the pool, one piece being read while the last is hashed.

import { createHash, hash } from "node:crypto";
import { type BigIntStats, closeSync, constants, fstatSync, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { TsbuildError } from "../../errors.js";
import type { Digest } from "../../oci/index.js";
import { Pace } from "../../filesystem/index.js";

export interface FileContent {
  readonly digest: Digest;
  /** Bytes that were read. */
  readonly size: number;
  /** As it was before the first byte was read. */
  readonly stat: BigIntStats;
}

export interface ReadOptions {
  /** Names the file in messages. */
  readonly name: string;
  readonly signal?: AbortSignal;
}

const PIECE_BYTES = 1 << 20;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const readAsync = promisify(read);

/** Shared by all synchronous reads, none of which outlives its call. */
const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);

/**
 * Gives the content at once when the file is small. Neither follows a symlink nor waits for a fifo.
 * @throws bad_context when there is no file any more, or the error of the system call.
 */
export function readContent(place: string | Buffer, options: ReadOptions): FileContent | Promise<FileContent> {
  const fd = openSync(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  let isOpen = true;
  try {
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isFile()) throw replaced(options.name);
    if (stat.size < PIECE_BYTES) return { ...readSmall(fd, Number(stat.size)), stat };
    isOpen = false;
    return readLarge(fd, options.signal)
      .then((content) => ({ ...content, stat }))
      .finally(() => closeSync(fd));
  } finally {
    if (isOpen) closeSync(fd);
  }
}

/** Reads as much as the file had when it was measured, or less when it has shrunk since. */
function readSmall(fd: number, expected: number): Omit<FileContent, "stat"> {
  let size = 0;
  for (let bytes = -1; bytes !== 0 && size !== expected; size += bytes)
    bytes = readSync(fd, piece, size, PIECE_BYTES - size, size);
  return { digest: `sha256:${hash("sha256", piece.subarray(0, size), "hex")}`, size };
}

async function readLarge(fd: number, signal: AbortSignal | undefined): Promise<Omit<FileContent, "stat">> {
  const pieces = [Buffer.allocUnsafeSlow(PIECE_BYTES), Buffer.allocUnsafeSlow(PIECE_BYTES)] as const;
  const hasher = createHash("sha256");
  const pace = new Pace(signal);
  let size = 0;
  let [current, next] = pieces;
  let reading = readAsync(fd, current, 0, PIECE_BYTES, 0);
  for (let { bytesRead } = await reading; bytesRead > 0; { bytesRead } = await reading) {
    if (pace.isDue()) await pace.rest();
    size += bytesRead;
    reading = readAsync(fd, next, 0, PIECE_BYTES, size);
    hasher.update(current.subarray(0, bytesRead));
    [current, next] = [next, current];
  }
  return { digest: `sha256:${hasher.digest("hex")}`, size };
}

function replaced(name: string): TsbuildError {
  const hint = "Build again when nothing changes the build context meanwhile.";
  return new TsbuildError("bad_context", `expected a file "${name}" in the build context, found that it was replaced`, {
    hint,
  });
}
