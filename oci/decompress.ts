// Layers as they are read: gzip and zstd undone. The first bytes decide, as they do for containerd and Docker: there are images
// whose media types say something else.
// https://github.com/opencontainers/image-spec/blob/main/layer.md#distributable-format

import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { TsbuildError } from "../errors.js";
import type { Descriptor } from "./descriptor.js";
import { beginningOf, compressionOfBytes } from "./magic.js";
import { type Compression, compressionOf } from "./media-type.js";
import { unzstd } from "./zstd.js";

/** What a layer is said to be. Its digest is for messages. */
export type SaidOfLayer = Pick<Descriptor, "mediaType"> & Partial<Pick<Descriptor, "digest">>;

/** Bytes of the first header of a tar. */
const HEADER = 512;

/**
 * The uncompressed bytes of a layer. When `content` fails (its digest may be wrong) the stream fails with the same error; when it
 * is neither what the media type says nor a tar, gzip or zstd, with bad_archive. Destroying the stream destroys `content`.
 */
export function decompress(content: Readable, said: SaidOfLayer): Readable {
  const output = Readable.from(decoded(content, said), { objectMode: false, highWaterMark: 1 << 20 });
  return output.once("close", () => content.destroy());
}

async function* decoded(content: Readable, said: SaidOfLayer): AsyncGenerator<Uint8Array> {
  const { first, whole } = await beginningOf(content, HEADER);
  const compression = compressionIn(first, said);
  if (compression === "none") return yield* whole;
  const compressed = Readable.from(whole, { objectMode: false });
  const plain = compression === "gzip" ? gunzip(compressed) : unzstd(compressed);
  yield* withNamedErrors(plain, compressed, { ...said, compression });
}

/** What is nothing of the kind is for the decoder of its media type to refuse. @throws bad_archive */
function compressionIn(first: Buffer, said: SaidOfLayer): Compression {
  if (isTar(first)) return "none";
  const found = compressionOfBytes(first);
  if (found === "gzip" || found === "zstd") return found;
  const other = found === "plain" ? otherCompression(said.mediaType) : found;
  if (other !== undefined && first.length > 0)
    throw new TsbuildError(
      "bad_archive",
      `${nameOf(said)}expected a tar, plain or in gzip or zstd, found ${other} (media type "${said.mediaType}")`,
      { hint: "Convert the image: skopeo copy --dest-compress-format gzip." },
    );
  return compressionOf(said.mediaType);
}

/** An archive without members is zeros. */
function isTar(first: Buffer): boolean {
  return (
    first.toString("latin1", 257, 262) === "ustar" || (first.length >= HEADER && first.every((byte) => byte === 0))
  );
}

/** `lz4` of a media type that ends in `+lz4`. */
function otherCompression(mediaType: string): string | undefined {
  const [, suffix] = /tar[+.]([\w-]+)$/.exec(mediaType) ?? [];
  return suffix === "gzip" || suffix === "zstd" ? undefined : suffix;
}

function gunzip(content: Readable): AsyncIterable<Uint8Array> {
  return pipeline(content, createGunzip({ chunkSize: 256 << 10 }), () => {}); // a failure reaches whoever reads the result
}

async function* withNamedErrors(
  plain: AsyncIterable<Uint8Array>,
  content: Readable,
  said: SaidOfLayer & { readonly compression: Compression },
): AsyncGenerator<Uint8Array> {
  try {
    yield* plain;
  } catch (cause) {
    if (content.errored !== null && !isZlibError(content.errored)) throw content.errored;
    if (cause instanceof TsbuildError) throw cause;
    throw new TsbuildError(
      "bad_archive",
      `${nameOf(said)}expected ${said.compression} data, found something else: ${(cause as Error).message}`,
      { cause, hint: "Fetch it or make it again: it is cut off, or damaged." },
    );
  }
}

function nameOf({ digest }: SaidOfLayer): string {
  return digest === undefined ? "" : `layer ${digest}: `;
}

/** The pipeline destroys what it reads with the error of what reads it. */
function isZlibError(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith("Z_") ?? false;
}
