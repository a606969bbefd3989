// Layers as they are read: gzip and zstd undone.
// https://github.com/opencontainers/image-spec/blob/main/layer.md#distributable-format

import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { TsbuildError } from "../errors.js";
import { type Compression, compressionOf } from "./media-type.js";
import { unzstd } from "./zstd.js";

/**
 * The uncompressed bytes of a layer. When `content` fails (its digest may be wrong) the stream fails with the same error;
 * when it is not what `mediaType` says, with bad_archive. Destroying the stream destroys `content`.
 */
export function decompress(content: Readable, mediaType: string): Readable {
  const compression = compressionOf(mediaType);
  if (compression === "none") return content;
  const decoded = compression === "gzip" ? gunzip(content) : unzstd(content);
  const output = Readable.from(withNamedErrors(decoded, content, compression), {
    objectMode: false,
    highWaterMark: 1 << 20,
  });
  return output.once("close", () => content.destroy());
}

function gunzip(content: Readable): AsyncIterable<Uint8Array> {
  return pipeline(content, createGunzip({ chunkSize: 256 << 10 }), () => {}); // a failure reaches whoever reads the result
}

async function* withNamedErrors(
  decoded: AsyncIterable<Uint8Array>,
  content: Readable,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  try {
    yield* decoded;
  } catch (cause) {
    if (content.errored !== null && !isZlibError(content.errored)) throw content.errored;
    if (cause instanceof TsbuildError) throw cause;
    throw new TsbuildError(
      "bad_archive",
      `expected ${compression} data, found something else: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** The pipeline destroys what it reads with the error of what reads it. */
function isZlibError(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith("Z_") ?? false;
}
