// Archives are known by their first bytes, whatever their name is (S-106).

import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TsbuildError } from "../errors.js";
import { decompress, MediaType } from "../oci/index.js";
import { BLOCK, hasRightSum } from "./tar/header.js";

type Format = "plain" | "gzip" | "zstd" | "bzip2" | "xz";

const MAGIC: readonly (readonly [Format, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];
const MAGIC_BYTES = 6;

/** How an archive is compressed whose first bytes these are, six of them or all there are. */
export function compressionOfBytes(bytes: Uint8Array): Format {
  return MAGIC.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte))?.[0] ?? "plain";
}

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
  const iterator = (content as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  try {
    const first = await atLeast(MAGIC_BYTES, iterator);
    yield* decompressWith(compressionOfBytes(first), resume(first, iterator));
  } finally {
    content.destroy();
  }
}

/** The first `count` bytes and what came with them, or all there are. */
async function atLeast(count: number, iterator: AsyncIterator<Buffer>): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  while (bytes.length < count) {
    const next = await iterator.next();
    if (next.done) break;
    bytes = Buffer.concat([bytes, next.value]);
  }
  return bytes;
}

async function* resume(first: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  if (first.length > 0) yield first;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

async function* decompressWith(format: Format, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (format === "plain") yield* bytes;
    else if (format === "bzip2" || format === "xz") yield* filter(format, bytes);
    else yield* decompress(Readable.from(bytes), format === "gzip" ? MediaType.layerGzip : MediaType.layerZstd);
  } catch (error) {
    if (error instanceof TsbuildError) throw error;
    throw new TsbuildError("bad_archive", `cannot decompress ${format}: ${(error as Error).message}`, { cause: error });
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
