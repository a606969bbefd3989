// Three readers of zstd: Node's own, the zstd program, and one in JavaScript; the first that this machine has.
// https://www.rfc-editor.org/rfc/rfc8878

import { pipeline as connect, type Readable, type Transform } from "node:stream";
import * as zlib from "node:zlib";
import { hasProgram, throughProgram } from "./program.js";

type Decoder = (content: Readable) => AsyncIterable<Uint8Array>;

export function unzstd(content: Readable): AsyncIterable<Uint8Array> {
  return (zlibDecoder() ?? (hasProgram("zstd") ? programDecoder : scriptDecoder))(content);
}

/** Node 24 and later: that of Node 22 takes a stream that is cut off for a whole one. */
export function zlibDecoder(): Decoder | undefined {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
  if (Number.parseInt(process.versions.node) < 24) return undefined;
  return createZstdDecompress && ((content) => connect(content, createZstdDecompress(), () => {}));
}

export function programDecoder(content: Readable): AsyncGenerator<Uint8Array> {
  return throughProgram("zstd", ["--decompress", "--stdout", "--quiet"], content);
}

export async function* scriptDecoder(content: Readable): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import("fzstd");
  let decoded: Uint8Array[] = [];
  const decoder = new Decompress((bytes) => decoded.push(bytes));
  for await (const chunk of content) {
    decoder.push(chunk as Uint8Array);
    yield* decoded;
    decoded = [];
  }
  decoder.push(new Uint8Array(0), true);
  yield* decoded;
}
