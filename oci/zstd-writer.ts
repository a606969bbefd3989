// Two writers of zstd: Node's own, and the zstd program; the first that this machine has.
// https://www.rfc-editor.org/rfc/rfc8878

import { availableParallelism } from "node:os";
import { pipeline as connect, Readable, type Transform } from "node:stream";
import * as zlib from "node:zlib";
import { TsbuildError } from "../errors.js";
import { hasProgram, throughProgram } from "./program.js";

type Encoder = (content: AsyncIterable<Uint8Array>, level: number) => AsyncIterable<Uint8Array>;

/** As the zstd program has it. */
export const ZSTD_LEVEL = 3;
/** From this level on the program asks whether it may use that much memory. */
const ULTRA = 20;

interface ZlibWithZstd {
  readonly createZstdCompress?: (options: { readonly params: Readonly<Record<number, number>> }) => Transform;
  readonly constants: { readonly ZSTD_c_compressionLevel?: number; readonly ZSTD_c_checksumFlag?: number };
}

/**
 * Compresses to one zstd frame with a checksum. The bytes depend on the content, the level and the zstd in use.
 * @param level 1 to 22; 0 is the usual one
 * @throws unsupported where neither Node (22.15 and later) nor a program can
 */
export function zstd(content: AsyncIterable<Uint8Array>, level = ZSTD_LEVEL): AsyncIterable<Uint8Array> {
  const encoder = zlibEncoder() ?? (hasProgram("zstd") ? programEncoder : undefined);
  if (encoder) return encoder(content, level === 0 ? ZSTD_LEVEL : level);
  throw new TsbuildError("unsupported", `Node.js ${process.versions.node} cannot compress with zstd`, {
    hint: "Install the zstd program, use Node.js 22.15 or newer, or choose compression=gzip.",
  });
}

export function zlibEncoder(): Encoder | undefined {
  const { createZstdCompress, constants } = zlib as unknown as ZlibWithZstd;
  const { ZSTD_c_compressionLevel: levelKey, ZSTD_c_checksumFlag: checksumKey } = constants;
  if (!createZstdCompress || levelKey === undefined || checksumKey === undefined) return undefined;
  return (content, level) =>
    connect(
      Readable.from(content, { objectMode: false }),
      createZstdCompress({ params: { [levelKey]: level, [checksumKey]: 1 } }),
      () => {}, // a failure reaches whoever reads the result
    );
}

/** The number of threads does not change what the program writes. */
export function programEncoder(content: AsyncIterable<Uint8Array>, level: number): AsyncIterable<Uint8Array> {
  const threads = `-T${Math.min(availableParallelism(), 4)}`;
  const ultra = level >= ULTRA ? ["--ultra"] : [];
  return throughProgram("zstd", ["--stdout", "--quiet", threads, ...ultra, `-${level}`], Readable.from(content));
}
