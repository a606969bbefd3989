// How bytes are compressed, told by their beginning: names and media types may say something else.
// https://www.rfc-editor.org/rfc/rfc1952#page-5, https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1

/** "plain" is all that none of the others is. */
export type Format = "plain" | "gzip" | "zstd" | "bzip2" | "xz";

const MAGIC: readonly (readonly [Format, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** Bytes that tell the format. */
export const MAGIC_BYTES = 6;

/** @param bytes the first six, or all there are */
export function compressionOfBytes(bytes: Uint8Array): Format {
  return MAGIC.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte))?.[0] ?? "plain";
}

export interface Beginning {
  /** As many bytes as were asked for, or more; fewer when there are no more. */
  readonly first: Buffer;
  /** All bytes, the first ones too. To be read once, or left: then whoever gave the content ends it. */
  readonly whole: AsyncGenerator<Uint8Array>;
}

/** Looks at the first `count` bytes of a content that nobody reads yet. Fails as the content fails. */
export async function beginningOf(content: AsyncIterable<Uint8Array>, count: number): Promise<Beginning> {
  const iterator = content[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  for (let size = 0; size < count;) {
    const next = await iterator.next();
    if (next.done) break;
    chunks.push(next.value);
    size += next.value.length;
  }
  return { first: Buffer.concat(chunks), whole: resume(chunks, iterator) };
}

async function* resume(chunks: readonly Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}
