// Layers in gzip, compressed in parallel (S-174).
// https://www.rfc-editor.org/rfc/rfc1952
// https://github.com/opencontainers/image-spec/blob/main/layer.md#gzip-media-types

import { availableParallelism } from "node:os";
import { constants, crc32, deflateRaw, type ZlibOptions } from "node:zlib";

/** What `gzip` uses when no level is asked for: half the time of zlib's own 6, at a few per cent more bytes. */
export const GZIP_LEVEL = 4;
const BLOCK = 1 << 20;
/** How far back deflate looks: what a block may borrow from the one before. */
const WINDOW = 32 << 10;
// Magic, deflate, no flags, mtime 0, no extra flags, OS unknown (S-174).
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** An empty last block, with the codes that deflate fixes. */
const LAST_BLOCK = Buffer.from([3, 0]);

export interface GzipOptions {
  /** Blocks that are compressed at once. Does not change the output. Default: processors + 1, at most libuv's 4 threads + 1. */
  readonly concurrency?: number;
  /** 0 (stored) to 9. @default GZIP_LEVEL */
  readonly level?: number;
}

/**
 * Compresses to one gzip member. The bytes depend on nothing but the content and the zlib in use: not on how the content is
 * cut into chunks, the number of processors, or the time. Memory stays below 3 MiB for each concurrent block.
 */
export async function* gzip(content: AsyncIterable<Uint8Array>, options: GzipOptions = {}): AsyncGenerator<Buffer> {
  const { level = GZIP_LEVEL } = options;
  const concurrency = options.concurrency ?? Math.min(availableParallelism(), 4) + 1;
  const pending: Promise<Buffer>[] = [];
  let previous: Buffer | undefined;
  let crc = 0;
  let size = 0;
  yield HEADER;
  for await (const block of blocksOf(content)) {
    crc = crc32(block, crc);
    size += block.length;
    pending.push(deflateBlock(block, level, previous));
    previous = block;
    if (pending.length >= concurrency) yield await pending.shift()!;
  }
  for (const piece of pending) yield await piece;
  yield LAST_BLOCK;
  yield trailer(crc, size);
}

/** `block` as a whole gzip member of its own. Members that stand one after the other are one gzip stream. */
export async function gzipMember(block: Buffer, level = GZIP_LEVEL): Promise<Buffer> {
  const deflated = await deflateBlock(block, level, undefined);
  return Buffer.concat([HEADER, deflated, LAST_BLOCK, trailer(crc32(block), block.length)]);
}

/** Cuts `content` into buffers of exactly 1 MiB, but for the last. */
async function* blocksOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafeSlow(BLOCK);
  let filled = 0;
  for await (const chunk of content) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + BLOCK - filled);
      block.set(part, filled);
      from += part.length;
      filled += part.length;
      if (filled < BLOCK) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(BLOCK);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

/** Deflates a block so that it can stand after `previous`, and ends it at a byte. Runs on libuv's threads. */
function deflateBlock(block: Buffer, level: number, previous: Buffer | undefined): Promise<Buffer> {
  const options: ZlibOptions = { level, memLevel: 8, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 256 << 10 };
  if (previous !== undefined) options.dictionary = previous.subarray(-WINDOW);
  const deflated = new Promise<Buffer>((resolve, reject) => {
    deflateRaw(block, options, (error, result) => (error ? reject(error) : resolve(result)));
  });
  deflated.catch(() => {}); // reaches whoever awaits it in its turn
  return deflated;
}

function trailer(crc: number, size: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(crc, 0);
  bytes.writeUInt32LE(size % 2 ** 32, 4);
  return bytes;
}
