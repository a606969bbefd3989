// Archives are known by their first bytes, whatever their name is (S-106).

import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TsbuildError } from "../errors.js";
import { beginningOf, compressionOfBytes, decompress, type Format, MAGIC_BYTES, MediaType } from "../oci/index.js";
import { BLOCK, hasRightSum } from "./tar/header.js";

/** Whether an archive begins with these bytes. An empty one, of zeros alone, is none. */
export function looksLikeTar(block: Uint8Array): boolean {
  if (block.length < BLOCK || block[0] === 0) return false;
  return hasRightSum(Buffer.from(block.buffer, block.byteOffset, BLOCK));
}

/**
 * The bytes of an archive, decompressed when their beginning says that they are compressed. Destroys `content` at the end.
 * @throws bad_archive when the bytes are not of their format, or the program that reads it is missing
 */
export async function* decompressArchive(content: Readable): AsyncGenerator<Uint8Array> {
  try {
    const { first, whole } = await beginningOf(content as AsyncIterable<Uint8Array>, MAGIC_BYTES);
    yield* decompressWith(compressionOfBytes(first), whole);
  } finally {
    content.destroy();
  }
}

async function* decompressWith(format: Format, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (format === "plain") yield* bytes;
    else if (format === "bzip2" || format === "xz") yield* filter(format, bytes);
    else
      yield* decompress(Readable.from(bytes), {
        mediaType: format === "gzip" ? MediaType.layerGzip : MediaType.layerZstd,
      });
  } catch (error) {
    if (error instanceof TsbuildError) throw error;
    throw new TsbuildError("bad_archive", `cannot decompress ${format}: ${(error as Error).message}`, {
      hint: "Check the file: it may be cut short.",
      cause: error,
    });
  }
}

const PACKAGE = { bzip2: "bzip2", xz: "xz-utils" };

/** Runs `bzip2 -dc` or `xz -dc`. */
async function* filter(tool: "bzip2" | "xz", bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const child = spawn(tool, ["-dc"], { stdio: ["pipe", "pipe", "pipe"] });
  const messages: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => messages.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", (error) => reject(missing(tool, error)));
    child.on("close", resolve);
  });
  ended.catch(() => {}); // awaited below
  const fed = pipeline(Readable.from(bytes), child.stdin).catch(() => {}); // a reader that stops early closes the pipe
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const code = await ended;
    if (code !== 0)
      throw new TsbuildError(
        "bad_archive",
        `${tool}: ${Buffer.concat(messages).toString("utf8").trim() || `exit code ${code}`}`,
      );
  } finally {
    child.kill();
    await fed;
  }
}

function missing(tool: "bzip2" | "xz", cause: Error): TsbuildError {
  return new TsbuildError("bad_archive", `${tool} is needed to read this archive, and is not installed`, {
    cause,
    hint: `Install it (apt-get install ${PACKAGE[tool]}), or give the archive in another format.`,
  });
}
