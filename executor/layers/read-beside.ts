// The tar of a blob that is on its way into the store, read as the bytes come: stored, verified and unpacked in one pass.

import { PassThrough, type Readable } from "node:stream";
import { decompress, type SaidOfLayer } from "../../oci/index.js";

/** Bytes that the one who reads may be behind the one who stores. */
const AHEAD = 1 << 20;

/**
 * To be called before anybody else reads `content`, and to be read to its end. The end comes when the blob is stored: what was
 * read before counts only then, for the bytes are verified with the last of them.
 * @param stored fails when the bytes are not those of the blob
 */
export function readBeside(
  content: Readable,
  layer: SaidOfLayer,
  stored: () => Promise<void>,
): AsyncIterable<Uint8Array> {
  const copy = new PassThrough({ highWaterMark: AHEAD });
  content.once("error", (error) => copy.destroy(error));
  copy.on("error", () => {}); // reaches whoever reads
  content.pipe(copy);
  return read(copy, layer, stored);
}

async function* read(copy: Readable, layer: SaidOfLayer, stored: () => Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    yield* decompress(copy, layer);
  } catch (error) {
    copy.destroy();
    await stored(); // when the bytes are the wrong ones, that is the reason
    throw error;
  } finally {
    copy.destroy(); // what is not read any more must not hold up the store
  }
  await stored();
}
